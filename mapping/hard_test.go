package mapping_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/mapping"
	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

// spanErrors returns the errors that AppendDocuments joined.
func spanErrors(t testing.TB, err error) []*mapping.SpanError {
	t.Helper()
	if err == nil {
		return nil
	}
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		t.Fatalf("an error that joins none: %v", err)
	}
	var out []*mapping.SpanError
	for _, err := range joined.Unwrap() {
		var s *mapping.SpanError
		if !errors.As(err, &s) {
			t.Fatalf("not a SpanError: %v", err)
		}
		out = append(out, s)
	}
	return out
}

// Each hard input stands between two plain spans. Whatever becomes of it, the
// documents are X-Ray's and the plain spans are in them.
func TestHardInputs(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*mapping.Span)
		check  func(*testing.T, *segment.Document) // nil: only what holds of all
	}{
		"NaN and infinities": {
			func(s *mapping.Span) {
				s.Attributes = []attribute.KeyValue{attribute.Float64("nan", math.NaN()), attribute.Float64("inf", math.Inf(1)), attribute.Float64Slice("list", []float64{math.Inf(-1)})}
			},
			func(t *testing.T, d *segment.Document) {
				want := map[string]any{"nan": "NaN", "inf": "Infinity", "list": []any{"-Infinity"}}
				for k, v := range want {
					if got := d.Metadata["default"][k]; fmt.Sprint(got) != fmt.Sprint(v) {
						t.Errorf("%s is %v, want %v", k, got, v)
					}
				}
			},
		},
		"HTTP status that is no number": {
			func(s *mapping.Span) {
				s.Attributes = []attribute.KeyValue{attribute.Float64("http.response.status_code", math.NaN()), attribute.String("server.port", "http"), attribute.Int64("http.response.body.size", -5)}
			},
			func(t *testing.T, d *segment.Document) {
				if got := d.Metadata["default"]["http.response.status_code"]; got != "NaN" {
					t.Errorf("the status is %v in metadata, want NaN", got)
				}
			},
		},
		"HTTP status out of range": {
			func(s *mapping.Span) {
				s.Kind = trace.SpanKindClient
				s.Attributes = []attribute.KeyValue{attribute.Int64("http.response.status_code", math.MaxInt64), attribute.Int64("aws.retries", -1)}
			}, nil,
		},
		"invalid UTF-8 everywhere": {
			func(s *mapping.Span) {
				const bad = "a\xff\xc0\x80\xed\xa0\x80"
				s.Name, s.StatusMessage, s.Status, s.ScopeName, s.ScopeVersion = bad, bad, codes.Error, bad, bad
				s.Attributes = []attribute.KeyValue{attribute.String(bad, bad), attribute.String("http.url", bad), attribute.String("user.id", bad), attribute.StringSlice("aws.xray.annotations", []string{bad})}
				s.Events = []mapping.Event{{Name: bad, Attributes: []attribute.KeyValue{attribute.String(bad, bad)}}, {Name: "exception", Attributes: []attribute.KeyValue{attribute.String("exception.message", bad), attribute.String("exception.stacktrace", bad)}}}
			}, nil,
		},
		"no name": {func(s *mapping.Span) { s.Name = "" }, func(t *testing.T, d *segment.Document) {
			if d.Name == "" {
				t.Error("no name")
			}
		}},
		"end before start": {
			func(s *mapping.Span) { s.EndTime = s.StartTime - 1 },
			func(t *testing.T, d *segment.Document) {
				if d.StartTime != d.EndTime {
					t.Errorf("from %s to %s, want no duration", d.StartTime, d.EndTime)
				}
			},
		},
		"no start":      {func(s *mapping.Span) { s.StartTime = 0 }, nil},
		"negative time": {func(s *mapping.Span) { s.StartTime, s.EndTime = -5, -3 }, nil},
		"the last time": {func(s *mapping.Span) { s.StartTime, s.EndTime = math.MaxInt64-1, math.MaxInt64 }, nil},
		"unknown kind and status": {func(s *mapping.Span) {
			s.Kind, s.Status, s.Parent, s.FunctionSegment = 99, 99, 99, 99
		}, nil},
		"negative counts": {func(s *mapping.Span) { s.DroppedAttributes, s.DroppedEvents, s.DroppedLinks = -1, math.MinInt, -7 }, nil},
		"its own parent":  {func(s *mapping.Span) { s.ParentSpanID = s.SpanID }, nil},
		"an attribute of a megabyte": {
			func(s *mapping.Span) {
				s.Attributes = []attribute.KeyValue{attribute.String("large", strings.Repeat("\x01", 1<<20)), attribute.String("small", "kept")}
			},
			func(t *testing.T, d *segment.Document) {
				if got := d.Metadata["default"]["small"]; got != "kept" {
					t.Errorf("small is %v, want it kept beside the large attribute", got)
				}
			},
		},
		"every text 100 KB": {
			func(s *mapping.Span) {
				large := strings.Repeat("é\"", 1<<15)
				s.Name, s.StatusMessage, s.Status, s.ScopeName, s.Kind = large, large, codes.Error, large, trace.SpanKindClient
				for _, key := range []string{"http.request.method", "url.full", "server.address", "user_agent.original", "db.system", "db.namespace", "db.query.text", "peer.service", "rpc.service", "aws.region", "user.id", large} {
					s.Attributes = append(s.Attributes, attribute.String(key, large))
				}
				s.Events = []mapping.Event{{Name: "exception", Attributes: []attribute.KeyValue{attribute.String("exception.type", large), attribute.String("exception.message", large), attribute.String("exception.stacktrace", large)}}, {Name: large}}
			}, nil,
		},
		"AWS texts of 100 KB": {
			func(s *mapping.Span) {
				large := strings.Repeat("é\"", 1<<15)
				s.Kind = trace.SpanKindClient
				s.Attributes = []attribute.KeyValue{attribute.String("rpc.system", "aws-api")}
				for _, key := range []string{"rpc.method", "aws.region", "aws.request_id", "aws.extended_request_id", "aws.s3.bucket", "aws.s3.key", "aws.queue.url", "aws.topic.arn", "aws.table.name"} {
					s.Attributes = append(s.Attributes, attribute.String(key, large))
				}
				s.Attributes = append(s.Attributes, attribute.StringSlice("aws.dynamodb.table_names", []string{large, large}))
			}, nil,
		},
		"10,000 table names": {
			func(s *mapping.Span) {
				s.Kind = trace.SpanKindClient
				names := make([]string, 10000)
				for i := range names {
					names[i] = fmt.Sprint("table-", i)
				}
				s.Attributes = []attribute.KeyValue{attribute.String("rpc.system", "aws-api"), attribute.String("rpc.method", "DynamoDB/BatchGetItem"), attribute.StringSlice("aws.dynamodb.table_names", names)}
			}, nil,
		},
		"a map nested 1000 times": {
			func(s *mapping.Span) {
				v := attribute.IntValue(1)
				for range 1000 {
					v = attribute.MapValue(attribute.KeyValue{Key: "k", Value: v})
				}
				s.Attributes = []attribute.KeyValue{{Key: "deep", Value: v}}
			}, nil,
		},
		"10,000 attributes": {
			func(s *mapping.Span) {
				for i := range 10000 {
					s.Attributes = append(s.Attributes, attribute.Int(fmt.Sprint("key.", i%7000), i))
				}
			}, nil,
		},
		"older keys twice beside the current one": {
			func(s *mapping.Span) {
				s.Attributes = []attribute.KeyValue{
					attribute.String("http.method", "GET"), attribute.String("http.request.method", "PUT"), attribute.String("http.method", "POST"),
					attribute.String("rpc.system.name", "grpc"), attribute.String("rpc.system", "a"), attribute.String("rpc.system", "b"),
				}
			},
			func(t *testing.T, d *segment.Document) {
				if d.HTTP == nil || d.HTTP.Request.Method != "PUT" {
					t.Errorf("http block %+v, want the current convention's method", d.HTTP)
				}
				if m := d.Metadata["default"]; m["http.method"] != "POST" || m["rpc.system"] != "b" {
					t.Errorf("metadata %v, want the last of each older key", m)
				}
			},
		},
		"an older key twice, once as the current one": {
			func(s *mapping.Span) {
				s.Attributes = []attribute.KeyValue{
					attribute.Bool("db.system.name", false), attribute.String("db.system", "a"), attribute.Bool("db.system", false), attribute.String("db.system", "b"),
				}
			},
			func(t *testing.T, d *segment.Document) {
				if m := d.Metadata["default"]; m["db.system.name"] != false || m["db.system"] != "b" {
					t.Errorf("metadata %v, want the current key, and the last of the older", m)
				}
			},
		},
		"a function span with two request ids": {
			func(s *mapping.Span) {
				s.Kind, s.Parent, s.Resource = trace.SpanKindServer, mapping.ParentRemote, lambdaResource
				s.Attributes = []attribute.KeyValue{attribute.String("faas.invocation_id", "I"), attribute.String("aws.request_id", "R")}
			},
			func(t *testing.T, d *segment.Document) {
				if got := d.Metadata["default"]["aws.request_id"]; d.AWS["request_id"] != "I" || got != "R" {
					t.Errorf("aws block %+v, aws.request_id %v in metadata", d.AWS, got)
				}
			},
		},
		"an exception's message that is no string": {
			func(s *mapping.Span) {
				s.Events = []mapping.Event{
					{Name: "exception", Attributes: []attribute.KeyValue{attribute.String("exception.type", "E"), attribute.Int("exception.message", 7)}},
					{Name: "exception", Dropped: 3},
				}
			},
			func(t *testing.T, d *segment.Document) {
				got := fmt.Sprint(d.Metadata["default"]["otel.events"])
				if want := "[map[attributes:map[exception.message:7] name:exception] map[dropped_attributes_count:3 name:exception]]"; got != want {
					t.Errorf("otel.events is %s, want %s", got, want)
				}
			},
		},
		"10,000 events and links": {
			func(s *mapping.Span) {
				for range 10000 {
					s.Events = append(s.Events, mapping.Event{Name: "event"}, mapping.Event{Name: "exception"})
					s.Links = append(s.Links, mapping.Link{TraceID: s.TraceID, SpanID: s.SpanID})
				}
			}, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			spans := []mapping.Span{testSpan(1, 99), testSpan(2, 1), testSpan(3, 2)}
			c.change(&spans[1])
			for _, opts := range [][]mapping.Option{nil, {mapping.WithBudget(mapping.MinBudget), mapping.WithAllAnnotations()}} {
				m := mapping.New(opts...)
				raw, err := m.AppendDocuments(nil, spans)
				if err != nil {
					t.Fatal(err)
				}
				checkDocuments(t, raw, spans)
				checkOrder(t, m, raw, spans)
				if c.check == nil || opts != nil {
					continue
				}
				walk(parse(t, raw), func(d *segment.Document) {
					if d.ID == spanID(2).String() {
						c.check(t, d)
					}
				})
			}
		})
	}
}

// A span without ids has no place in X-Ray: it is an error of its own, and the
// others are mapped.
func TestZeroIDs(t *testing.T) {
	spans := []mapping.Span{testSpan(1, 99), testSpan(2, 1), testSpan(3, 1), testSpan(4, 1), testSpan(5, 4)}
	spans[1].TraceID = trace.TraceID{}
	spans[2].SpanID = trace.SpanID{}
	docs, err := mapping.New().AppendDocuments(nil, spans)
	got := spanErrors(t, err)
	if len(got) != 2 || got[0].Index != 1 || got[0].Field != "TraceID" || got[1].Index != 2 || got[1].Field != "SpanID" {
		t.Errorf("errors %v, want TraceID of span 1 and SpanID of span 2", err)
	}
	checkDocuments(t, docs, spans)
	if len(docs) != 1 {
		t.Errorf("%d documents, want the three valid spans in one", len(docs))
	}
}

// Credentials of a connection string are nowhere in the documents, whatever
// form the string has.
func TestNoCredentials(t *testing.T) {
	for _, connection := range []string{
		"postgres://app:s3cret@db:5432/shop?sslmode=disable",
		"postgres://db/shop?user=app&password=s3cret",
		"host=db user=app password=s3cret dbname=shop",
		"host=db password='my s3cret' dbname=shop",
		"host=db password = s3cret dbname=shop",
		"app:s3cret@tcp(db:3306)/shop?parseTime=true",
		"app:s3cret@unix(/tmp/mysql.sock)/shop",
		"Server=db;Database=shop;User Id=app;Password=s3cret",
		"Password=s3cret;Server=db;Database=shop",
		"Pwd = s3cret ; Server = db",
		"jdbc:mysql://app:s3cret@db/shop",
		"jdbc:mysql://db/shop?user=app&password=s3cret",
		"jdbc:sqlserver://db:1433;user=app;password=s3cret",
		"jdbc:oracle:thin:app/s3cret@db:1521:shop",
		"app/s3cret@db:1521/shop",
		"cockroachdb+srv://app:s3cret@db/shop",
		"sqlserver://app:p@s3cret@db/shop",
	} {
		s := testSpan(1, 99, attribute.String("db.system", "other_sql"), attribute.String("db.connection_string", connection), attribute.String("db.name", "shop"))
		s.Kind = trace.SpanKindClient
		docs, err := mapping.New().AppendDocuments(nil, []mapping.Span{s})
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range parse(t, docs) {
			if d.SQL == nil {
				t.Errorf("%q: no sql block", connection)
			} else if place := d.SQL.URL + d.SQL.ConnectionString; !strings.Contains(place, "db") && !strings.Contains(place, "mysql.sock") {
				t.Errorf("%q: %q does not say where the database is", connection, place)
			}
		}
		for _, doc := range docs {
			if bytes.Contains(doc, []byte("s3cret")) {
				t.Errorf("%q: %s", connection, doc)
			}
		}
	}
	// Where the password ends is not certain: nothing of it goes out.
	for _, connection := range []string{
		"app:pa?s3cret@tcp(db:3306)/shop", "app:s3cret?@tcp(db:3306)/shop", "app:s3cret;@tcp(db:3306)/shop", "app:s3cret#@tcp(db:3306)/shop",
		"app:p@s3cret?@tcp(db:3306)/shop", "postgres://app:s3cret/@db/shop", "postgres://app:s3cret?@db/shop",
		"postgres://app:p@s3cret/@db/shop", "redis://:s3cret;@db", "amqp://app:s3cret@mq:5672", "amqp://app:" + strings.Repeat("s3cret", 1<<14) + "@mq",
	} {
		for _, key := range []string{"db.connection_string", "messaging.url"} {
			for _, system := range []string{"postgresql", "redis"} {
				for _, kind := range []trace.SpanKind{trace.SpanKindClient, trace.SpanKindConsumer, trace.SpanKindInternal} {
					s := testSpan(1, 99, attribute.String("db.system", system), attribute.String(key, connection))
					s.Kind = kind
					docs, err := mapping.New(mapping.WithAnnotations(key)).AppendDocuments(nil, []mapping.Span{s})
					if err != nil {
						t.Fatal(err)
					}
					for _, doc := range docs {
						if bytes.Contains(doc, []byte("s3cret")) {
							t.Errorf("%s %q, kind %d: %.1000s", key, connection, kind, doc)
						}
					}
				}
			}
		}
	}
	for _, url := range []string{
		"https://app:s3cret@example.com/p", "https://s3cret@example.com", "//app:s3cret@example.com/p", "https://example.com/p?token=s3cret", "https://example.com/p#token=s3cret", "/p?token=s3cret",
		"https://app:p@s3cret@example.com/", "HTTPS://app:s3cret@example.com/p",
	} {
		for _, key := range []string{"url.full", "http.url", "http.target"} {
			for _, kind := range []trace.SpanKind{trace.SpanKindClient, trace.SpanKindServer, trace.SpanKindInternal} {
				s := testSpan(1, 99, attribute.String(key, url), attribute.String("http.method", "GET"))
				s.Kind = kind
				if key == "http.target" && kind == trace.SpanKindClient {
					s.Attributes = append(s.Attributes, attribute.String("url.full", "https://example.com/other"))
				}
				docs, err := mapping.New(mapping.WithAnnotations(key)).AppendDocuments(nil, []mapping.Span{s})
				if err != nil {
					t.Fatal(err)
				}
				for _, doc := range docs {
					if bytes.Contains(doc, []byte("s3cret")) {
						t.Errorf("%s %q, kind %d: %s", key, url, kind, doc)
					}
				}
			}
		}
	}
}
