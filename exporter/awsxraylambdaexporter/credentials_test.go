package awsxraylambdaexporter

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/lambdaxray/lambdaxray/exporter/awsxraylambdaexporter/internal/metadatatest"
)

// credentialSource is a stub of where the AWS SDK gets credentials: it answers
// with status and body until it is mended.
type credentialSource struct {
	status int
	body   string
	mended atomic.Bool
	asked  atomic.Int32
}

func (s *credentialSource) refuse(w http.ResponseWriter) bool {
	if s.mended.Load() {
		return false
	}
	s.asked.Add(1)
	w.WriteHeader(s.status)
	fmt.Fprint(w, s.body)
	return true
}

// imds is the instance metadata service.
func (s *credentialSource) imds(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/latest/api/token":
			w.Header().Set("X-Aws-Ec2-Metadata-Token-Ttl-Seconds", "600")
			fmt.Fprint(w, "token")
		case "/latest/meta-data/iam/security-credentials/":
			if !s.refuse(w) {
				fmt.Fprint(w, "role")
			}
		default:
			fmt.Fprintf(w, `{"Code":"Success","AccessKeyId":"INSTANCE","SecretAccessKey":"s","Token":"t","Expiration":%q}`,
				time.Now().Add(time.Hour).UTC().Format(time.RFC3339))
		}
	}))
	t.Cleanup(server.Close)
	t.Setenv("AWS_EC2_METADATA_DISABLED", "false")
	t.Setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", server.URL)
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
}

// sts answers an action with a role's credentials.
func (s *credentialSource) sts(t *testing.T, action string) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.refuse(w) {
			return
		}
		fmt.Fprintf(w, `<%[1]sResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><%[1]sResult><Credentials>
<AccessKeyId>ASSUMED</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>%[2]s</Expiration>
</Credentials></%[1]sResult></%[1]sResponse>`, action, time.Now().Add(time.Hour).UTC().Format(time.RFC3339))
	}))
	t.Cleanup(server.Close)
	t.Setenv("AWS_ENDPOINT_URL_STS", server.URL)
}

// webIdentity is what a pod with a service account's role (IRSA) has.
func (s *credentialSource) webIdentity(t *testing.T) {
	s.sts(t, "AssumeRoleWithWebIdentity")
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("jwt"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	t.Setenv("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/pod")
	t.Setenv("AWS_WEB_IDENTITY_TOKEN_FILE", token)
}

// container is the ECS agent or that of EKS Pod Identity.
func (s *credentialSource) container(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.refuse(w) {
			fmt.Fprintf(w, `{"AccessKeyId":"TASK","SecretAccessKey":"s","Token":"t","Expiration":%q}`,
				time.Now().Add(time.Hour).UTC().Format(time.RFC3339))
		}
	}))
	t.Cleanup(server.Close)
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	t.Setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", server.URL)
}

func stsError(code string) string {
	return `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>` + code +
		`</Code><Message>not today</Message></Error><RequestId>1</RequestId></ErrorResponse>`
}

// What a credential source answers is not X-Ray's answer: nothing is dropped
// while there are no credentials, the log names the source and the fix once, and
// all spans arrive when it is mended.
func TestCredentialSources(t *testing.T) {
	assume := func(s *credentialSource, t *testing.T) { s.sts(t, "AssumeRole") }
	for _, tc := range []struct {
		name   string
		source *credentialSource
		setUp  func(*credentialSource, *testing.T)
		role   bool
		want   string // source in the log
	}{
		{"IMDS 404", &credentialSource{status: 404}, (*credentialSource).imds, false, "instance metadata (IMDS)"},
		{"IMDS 403", &credentialSource{status: 403}, (*credentialSource).imds, false, "instance metadata (IMDS)"},
		{"IMDS 500", &credentialSource{status: 500}, (*credentialSource).imds, false, "instance metadata (IMDS)"},
		{"web identity, access denied", &credentialSource{status: 403, body: stsError("AccessDenied")}, (*credentialSource).webIdentity, false, "AssumeRoleWithWebIdentity"},
		{"web identity, invalid token", &credentialSource{status: 400, body: stsError("InvalidIdentityToken")}, (*credentialSource).webIdentity, false, "AssumeRoleWithWebIdentity"},
		{"web identity, expired token", &credentialSource{status: 400, body: stsError("ExpiredTokenException")}, (*credentialSource).webIdentity, false, "AssumeRoleWithWebIdentity"},
		{"role_arn, access denied", &credentialSource{status: 403, body: stsError("AccessDenied")}, assume, true, "AssumeRole (role_arn)"},
		{"role_arn, validation error", &credentialSource{status: 400, body: stsError("ValidationError")}, assume, true, "AssumeRole (role_arn)"},
		{"role_arn, throttled", &credentialSource{status: 400, body: stsError("Throttling")}, assume, true, "AssumeRole (role_arn)"},
		{"container 403", &credentialSource{status: 403}, (*credentialSource).container, false, "container credentials"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			isolate(t)
			tc.setUp(tc.source, t)
			x := newFakeXRay(t)
			tel := componenttest.NewTelemetry()
			t.Cleanup(func() { _ = tel.Shutdown(t.Context()) })
			host := newDisk()
			c := testConfig(x.url, func(c *Config) {
				if tc.role {
					c.AWS.RoleARN = "arn:aws:iam::123456789012:role/traces"
				}
				q := defaultQueue()
				q.StorageID = &diskID
				c.Queue = configoptional.Some(q)
				c.Retry.Enabled = true
				c.Retry.MaxElapsedTime = 0
			})
			set := metadatatest.NewSettings(tel)
			core, logs := observer.New(zap.InfoLevel)
			set.Logger = zap.New(core)
			e, shutdown := startExporter(t, set, c, host)
			for n := range requests {
				if err := e.ConsumeTraces(t.Context(), request(n)); err != nil {
					t.Fatal(err)
				}
			}
			const returned = "otelcol_exporter_awsxraylambda_spans_returned"
			await(t, func() bool { return byReason(tel, returned)["Credentials"] >= all })
			if dropped := byReason(tel, "otelcol_exporter_awsxraylambda_spans_dropped"); len(dropped) > 0 {
				t.Errorf("dropped %v while there are no credentials", dropped)
			}
			if other := byReason(tel, returned); len(other) != 1 {
				t.Errorf("returned %v, want the reason Credentials alone", other)
			}
			tc.source.mended.Store(true)
			await(t, func() bool { return len(x.taken()) == traces*requests })
			shutdown()

			found := logs.FilterMessageSnippet("There are no AWS credentials").All()
			if len(found) != 1 {
				t.Fatalf("%d entries about credentials, want one", len(found))
			}
			fields := found[0].ContextMap()
			if got := fmt.Sprint(fields["source"]); !strings.Contains(got, tc.want) || fields["fix"] == "" || found[0].Level != zap.ErrorLevel {
				t.Errorf("entry %v %v, want source %s and a fix", found[0].Message, fields, tc.want)
			}
			if s := x.spanIDs(t); len(s) != all {
				t.Errorf("%d spans delivered, want %d", len(s), all)
			}
		})
	}
}
