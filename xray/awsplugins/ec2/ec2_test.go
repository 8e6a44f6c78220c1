package ec2

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/lambdaxray/lambdaxray/xray/internal/plugins"
)

func TestInit(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == "PUT" && r.URL.Path == "/latest/api/token":
			io.WriteString(w, "token")
		case r.URL.Path == "/latest/dynamic/instance-identity/document" && r.Header.Get("X-aws-ec2-metadata-token") == "token":
			io.WriteString(w, `{"instanceId": "i-0123", "availabilityZone": "eu-west-1a"}`)
		default:
			http.Error(w, "no", http.StatusUnauthorized)
		}
	}))
	defer server.Close()
	defer func(was string) { endpoint = was }(endpoint)
	endpoint = server.URL + "/latest/"
	Init()
	m := plugins.Read()
	if m.Origin != Origin || m.EC2 == nil || m.EC2.InstanceID != "i-0123" || m.EC2.AvailabilityZone != "eu-west-1a" {
		t.Errorf("%+v", m)
	}
}
