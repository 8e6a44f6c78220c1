package xray

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// TestGuard: names that point here, and pages of others, are kept out.
func TestGuard(t *testing.T) {
	h := Guard(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }), "xray.internal")
	for _, test := range []struct {
		host, header, value string
		want                int
	}{
		{"127.0.0.1:3001", "", "", 204},
		{"localhost:3001", "Origin", "http://localhost:3001", 204},
		{"[::1]:3001", "", "", 204},
		{"xray.internal:3001", "", "", 204},
		{"evil.example.com:3001", "", "", 421},
		{"127.0.0.1.evil.example.com", "", "", 421},
		{"", "", "", 421},
		{"127.0.0.1:3001", "Origin", "https://evil.example.com", 403},
		{"127.0.0.1:3001", "Origin", "http://127.0.0.1:8080", 403},
		{"127.0.0.1:3001", "Origin", "null", 403},
		{"127.0.0.1:3001", "Sec-Fetch-Site", "cross-site", 403},
		{"127.0.0.1:3001", "Sec-Fetch-Site", "same-origin", 204},
	} {
		r := httptest.NewRequest("POST", "/api/invoke", nil)
		r.Host = test.host
		if test.header != "" {
			r.Header.Set(test.header, test.value)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != test.want {
			t.Errorf("Host %s, %s %s: %d, want %d", test.host, test.header, test.value, w.Code, test.want)
		}
	}
}
