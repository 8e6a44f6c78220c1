package awsxraylambdaexporter

import (
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/exporter/exportertest"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"
)

// server answers as X-Ray and STS and remembers the requests.
type server struct {
	mu       sync.Mutex
	requests []string // method, host and path
	bodies   []url.Values
	headers  []http.Header
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, r.Method+" "+r.Host+r.URL.Path)
	s.headers = append(s.headers, r.Header)
	if r.URL.Path == "/" { // STS
		_ = r.ParseForm()
		s.bodies = append(s.bodies, r.Form)
		fmt.Fprintf(w, `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
<AccessKeyId>ASSUMED</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>%s</Expiration>
</Credentials></AssumeRoleResult></AssumeRoleResponse>`, time.Now().Add(time.Hour).UTC().Format(time.RFC3339))
		return
	}
	fmt.Fprint(w, `{"UnprocessedTraceSegments":[]}`)
}

func consumeOne(t *testing.T, c *Config) error {
	t.Helper()
	return start(t, c).ConsumeTraces(t.Context(), readTraces(t, "names"))
}

func TestClient(t *testing.T) {
	isolate(t)
	s := &server{}
	http := httptest.NewServer(s)
	t.Cleanup(http.Close)
	if err := consumeOne(t, testConfig(http.URL)); err != nil {
		t.Fatal(err)
	}
	if got, want := s.requests[0], "POST "+strings.TrimPrefix(http.URL, "http://")+"/TraceSegments"; got != want {
		t.Errorf("request %q, want %q", got, want)
	}
	if got := s.headers[0].Get("Authorization"); !strings.Contains(got, "Credential=key/") || !strings.Contains(got, "/eu-central-1/xray/") {
		t.Errorf("Authorization is %q, want key and region of the configuration", got)
	}
	if got := s.headers[0].Get("User-Agent"); !strings.Contains(got, "awsxraylambda") {
		t.Errorf("User-Agent is %q, want the exporter's name in it", got)
	}
}

// The role is assumed at STS, with the external id; X-Ray's endpoint is not
// STS's.
func TestClientRole(t *testing.T) {
	isolate(t)
	sts, xray := &server{}, &server{}
	stsServer, xrayServer := httptest.NewServer(sts), httptest.NewServer(xray)
	t.Cleanup(stsServer.Close)
	t.Cleanup(xrayServer.Close)
	t.Setenv("AWS_ENDPOINT_URL_STS", stsServer.URL)
	c := testConfig(xrayServer.URL)
	c.AWS.RoleARN = "arn:aws:iam::123456789012:role/traces"
	c.AWS.ExternalID = "orders"
	if err := consumeOne(t, c); err != nil {
		t.Fatal(err)
	}
	if len(sts.bodies) != 1 || sts.bodies[0].Get("RoleArn") != c.AWS.RoleARN || sts.bodies[0].Get("ExternalId") != "orders" {
		t.Errorf("STS was asked for %v, want role and external id once", sts.bodies)
	}
	if len(xray.headers) != 1 || !strings.Contains(xray.headers[0].Get("Authorization"), "Credential=ASSUMED/") {
		t.Errorf("X-Ray was called %d times, want once with the role's credentials", len(xray.headers))
	}
}

func TestClientProxy(t *testing.T) {
	isolate(t)
	s := &server{}
	proxy := httptest.NewServer(s)
	t.Cleanup(proxy.Close)
	c := testConfig("http://xray.invalid")
	c.AWS.ProxyAddress = ProxyURL(proxy.URL)
	if err := consumeOne(t, c); err != nil {
		t.Fatal(err)
	}
	if s.requests[0] != "POST xray.invalid/TraceSegments" {
		t.Errorf("the proxy was asked for %q", s.requests[0])
	}
}

func TestClientTLS(t *testing.T) {
	isolate(t)
	s := httptest.NewUnstartedServer(&server{})
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	pemFile := filepath.Join(t.TempDir(), "ca.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	if err := os.WriteFile(pemFile, block, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name   string
		change func(*AWSConfig)
		ok     bool
	}{
		{"unknown certificate", func(*AWSConfig) {}, false},
		{"no_verify_ssl", func(c *AWSConfig) { c.NoVerifySSL = true }, true},
		{"certificate_file_path", func(c *AWSConfig) { c.CertificateFilePath = pemFile }, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := testConfig(s.URL)
			tc.change(&c.AWS)
			if err := consumeOne(t, c); (err == nil) != tc.ok {
				t.Errorf("error is %v, want success: %v", err, tc.ok)
			}
		})
	}
}

// What cannot work fails at start, with the key to mend.
func TestStartErrors(t *testing.T) {
	isolate(t)
	instance(t) // whose region is not asked for in local mode
	for _, tc := range []struct {
		name   string
		change func(*AWSConfig)
		want   string
	}{
		{"no region", func(c *AWSConfig) { c.Region = "" }, "region: not set"},
		{"no certificates", func(c *AWSConfig) { c.CertificateFilePath = "testdata/none" }, "certificate_file_path:"},
		{"no profile", func(c *AWSConfig) { c.Profile = "nobody" }, "nobody"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := testConfig("http://127.0.0.1:0")
			tc.change(&c.AWS)
			e, err := NewFactory().CreateTraces(t.Context(), exportertest.NewNopSettings(NewFactory().Type()), c)
			if err != nil {
				t.Fatal(err)
			}
			err = e.Start(t.Context(), componenttest.NewNopHost())
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error is %v, want one with %q", err, tc.want)
			}
			if err := e.Shutdown(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestRegionFromEnvironment(t *testing.T) {
	isolate(t)
	t.Setenv("AWS_REGION", "ap-southeast-2")
	s := &server{}
	http := httptest.NewServer(s)
	t.Cleanup(http.Close)
	c := testConfig(http.URL)
	c.AWS.Region = ""
	if err := consumeOne(t, c); err != nil {
		t.Fatal(err)
	}
	if got := s.headers[0].Get("Authorization"); !strings.Contains(got, "/ap-southeast-2/xray/") {
		t.Errorf("Authorization is %q, want the region of the environment", got)
	}
}

// instance is the metadata service of an EC2 instance with a role.
func instance(t *testing.T) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/latest/api/token":
			w.Header().Set("X-Aws-Ec2-Metadata-Token-Ttl-Seconds", "600")
			fmt.Fprint(w, "token")
		case "/latest/meta-data/iam/security-credentials/":
			fmt.Fprint(w, "role")
		case "/latest/meta-data/iam/security-credentials/role":
			fmt.Fprintf(w, `{"Code":"Success","AccessKeyId":"INSTANCE","SecretAccessKey":"s","Token":"t","Expiration":%q}`,
				time.Now().Add(time.Hour).UTC().Format(time.RFC3339))
		case "/latest/dynamic/instance-identity/document":
			fmt.Fprint(w, `{"region":"eu-west-3"}`)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(server.Close)
	t.Setenv("AWS_EC2_METADATA_DISABLED", "false")
	t.Setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", server.URL)
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
}

// On an instance the credentials come from its role, in local mode too; the
// region only without.
func TestClientOnInstance(t *testing.T) {
	for _, tc := range []struct {
		name      string
		region    string
		localMode bool
		want      string // region
	}{
		{"region of the instance", "", false, "eu-west-3"},
		{"region of the configuration", "eu-central-1", false, "eu-central-1"},
		{"local_mode", "eu-central-1", true, "eu-central-1"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			isolate(t)
			instance(t)
			s := &server{}
			http := httptest.NewServer(s)
			t.Cleanup(http.Close)
			c := testConfig(http.URL)
			c.AWS.Region, c.AWS.LocalMode = tc.region, tc.localMode
			if err := consumeOne(t, c); err != nil {
				t.Fatal(err)
			}
			if got := s.headers[0].Get("Authorization"); !strings.Contains(got, "Credential=INSTANCE/") || !strings.Contains(got, "/"+tc.want+"/xray/") {
				t.Errorf("Authorization is %q, want the role's key and region %s", got, tc.want)
			}
		})
	}
}

// What awsxray has and this exporter has not is said at start.
func TestUnusedSettings(t *testing.T) {
	isolate(t)
	c := testConfig("http://127.0.0.1:0")
	c.AWS.ResourceARN = "arn:aws:ec2:us-west-2:123456789012:instance/i-1"
	c.AWS.Telemetry.Enabled = true
	set := exportertest.NewNopSettings(NewFactory().Type())
	core, logs := observer.New(zap.WarnLevel)
	set.Logger = zap.New(core)
	startExporter(t, set, c, componenttest.NewNopHost())
	if logs.Len() != 2 || !strings.HasPrefix(logs.All()[0].Message, "resource_arn has no effect") || !strings.HasPrefix(logs.All()[1].Message, "telemetry has no effect") {
		t.Errorf("log is %v, want an entry for each key", logs.All())
	}
}
