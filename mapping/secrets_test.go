package mapping_test

import (
	"bytes"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/mapping"
)

// planted is what no document may have.
const planted = "s3cr3tX"

// secretKeys are attributes that may hold a URL or a connection string, or what is
// asked of a database.
var secretKeys = []string{
	"url.full", "http.url", "http.target", "url.original", "url.path", "url.query", "url.fragment", "http.host", "server.address", "net.peer.name", "net.host.name",
	"network.peer.address", "client.address", "peer.service", "service.peer.name", "aws.remote.service", "messaging.destination.name", "messaging.destination", "messaging.url", "aws.queue.url",
	"db.connection_string", "db.namespace", "error.type", "callback", "exception.message", "db.password", "AWS_SECRET_ACCESS_KEY", "user_agent.original", "http.request.header.x-amzn-oidc-data", "http.request.header.location", "http.request.header.cookie", "rpc.request.metadata.authorization",
	"http.request.header.x-api-key", "http.response.header.set_cookie", "messaging.header.authorization", "process.command_line", "urls",
}

var secretForms = []string{
	"https://u:" + planted + "@h.example.com/p", "https://" + planted + "@h.example.com", "https://h.example.com/p?token=" + planted, "https://h.example.com/p#token=" + planted, "https://h.example.com/p;jsessionid=" + planted + "?a", "/p;token=" + planted, "Endpoint=sb://h/;SharedAccessKey=" + planted, "amqp://u:" + planted + "@mq:5672/v",
	"app:" + planted + "@tcp(db:3306)/shop", "/p?token=" + planted, "postgres://u:a/" + planted + "@db/shop", "Server=db;User Id=a;Password=" + planted, "host=db password='" + planted + "' dbname=shop",
}

var secretQueries = []string{
	"SELECT * FROM t WHERE a = '" + planted + "'", "SELECT a FROM t WHERE b IN (1, 'x', E'" + planted + "')", "SELECT $tag$" + planted + "$tag$", "SELECT 1 /* " + planted + " */", `{"find":"t","filter":{"a":"` + planted + `"}}`,
	"SELECT N'" + planted + "'",
}

var secretSystems = []string{"", "postgresql", "mysql", "mssql", "oracle", "sqlite", "mongodb", "redis", "elasticsearch", "dynamodb", "other_sql"}

// secretSpan plants a secret in a span: a form of it, in a place, beside other text.
func secretSpan(form, place, kind, system uint8, before string) mapping.Span {
	s := testSpan(1, 99, attribute.String("before", before))
	s.Kind = trace.SpanKind(1 + kind%5)
	if name := secretSystems[int(system)%len(secretSystems)]; name != "" {
		s.Attributes = append(s.Attributes, attribute.String("db.system", name))
	}
	text := secretForms[int(form)%len(secretForms)]
	n := int(place) % (len(secretKeys) + 8)
	switch n - len(secretKeys) {
	case 0:
		s.Status, s.StatusMessage = codes.Error, before+" "+text
	case 1:
		s.Events = []mapping.Event{{Name: "exception", Attributes: []attribute.KeyValue{attribute.String("exception.message", before+" "+text)}}}
	case 2:
		s.Events = []mapping.Event{{Name: "retry", Attributes: []attribute.KeyValue{attribute.String("url", before+" "+text)}}}
	case 3:
		s.Links = []mapping.Link{{TraceID: s.TraceID, SpanID: s.SpanID, Attributes: []attribute.KeyValue{attribute.StringSlice("from", []string{before, text})}}}
	case 4:
		s.Name = before + " " + text
	case 5:
		s.Resource = mapping.NewResource([]attribute.KeyValue{attribute.String("service.name", "shop"), attribute.StringSlice("process.command_args", []string{text})})
	case 6:
		query := secretQueries[int(form)%len(secretQueries)]
		s.Attributes = append(s.Attributes, attribute.String("db.statement", query))
	case 7:
		query := secretQueries[int(form)%len(secretQueries)]
		s.Attributes, s.Name = append(s.Attributes, attribute.String("db.query.text", query)), query
	default:
		if key := secretKeys[n]; strings.HasPrefix(key, "url.") || key == "http.url" || key == "http.target" {
			text = secretForms[form%6] // no connection string
		}
		s.Attributes = append(s.Attributes, attribute.String(secretKeys[n], text))
	}
	return s
}

// checkNoSecret holds that the documents of a span do not have the secret planted in it,
// wherever an attribute ends.
func checkNoSecret(t *testing.T, s mapping.Span) {
	t.Helper()
	for _, opts := range [][]mapping.Option{nil, {mapping.WithAllAnnotations(), mapping.WithAnnotations(secretKeys...)}, {mapping.WithBudget(mapping.MinBudget)}} {
		docs, err := mapping.New(opts...).AppendDocuments(nil, []mapping.Span{s})
		if err != nil {
			t.Fatal(err)
		}
		for _, doc := range docs {
			if bytes.Contains(doc, []byte(planted)) {
				t.Errorf("kind %v, %v: %.2000s", s.Kind, s.Attributes, doc)
				return
			}
		}
	}
}

func TestNoSecrets(t *testing.T) {
	for form := range max(len(secretForms), len(secretQueries)) {
		for place := range len(secretKeys) + 8 {
			for kind := range 5 {
				for system := range secretSystems {
					checkNoSecret(t, secretSpan(uint8(form), uint8(place), uint8(kind), uint8(system), "Get"))
				}
			}
		}
	}
}

// FuzzSecrets is TestNoSecrets with any text beside the secret.
func FuzzSecrets(f *testing.F) {
	f.Add(uint8(0), uint8(0), uint8(2), uint8(1), "Get")
	f.Add(uint8(8), uint8(34), uint8(0), uint8(0), `parse "`)
	f.Fuzz(func(t *testing.T, form, place, kind, system uint8, before string) {
		checkNoSecret(t, secretSpan(form, place, kind, system, strings.ReplaceAll(before, planted, "")))
	})
}
