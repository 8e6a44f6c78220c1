package xray

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/lambdaxray/lambdaxray/mapping"
	"github.com/lambdaxray/lambdaxray/mapping/otlpjson"
)

// PageSpans are the spans of a trace as they came, by OTLP; none where its documents
// came by other ways.
type PageSpans struct {
	Spans []PageSpan `json:"spans"` // in order of arrival
}

// PageSpan is a span in OTLP's JSON, which it was brought into if it came as protobuf.
type PageSpan struct {
	ID       string          `json:"id"` // that of the segment or subsegment it became, unless it became none of its own
	Span     json.RawMessage `json:"span"`
	Resource json.RawMessage `json:"resource"` // null: none
	Scope    json.RawMessage `json:"scope"`    // null: none
}

// pageSpans is what the trace page shows beside the documents.
func (s *Store) pageSpans(id string) (PageSpans, error) {
	out := PageSpans{Spans: []PageSpan{}}
	for _, request := range requestsOf(id, s.spans.of(id)) {
		for _, rs := range request.ResourceSpans {
			for _, ss := range rs.ScopeSpans {
				for _, raw := range ss.Spans {
					var span struct {
						SpanID string `json:"spanId"`
					}
					if err := json.Unmarshal(raw, &span); err != nil {
						return out, err // it has been read before
					}
					out.Spans = append(out.Spans, PageSpan{ID: strings.ToLower(span.SpanID), Span: raw, Resource: rs.Resource, Scope: ss.Scope})
				}
			}
		}
	}
	return out, nil
}

// pageMapped is the trace page of the documents that a mapper with other settings makes
// of the spans of a trace.
func (s *Store) pageMapped(id, settings string) (PageTrace, error) {
	options, err := mapperOptions(settings)
	if err != nil {
		return PageTrace{}, err
	}
	var spans []mapping.Span
	for _, request := range requestsOf(id, s.spans.of(id)) {
		body, err := json.Marshal(request)
		if err != nil {
			return PageTrace{}, err
		}
		more, _ := otlpjson.Unmarshal(body) // what could not be read has been refused when it came
		spans = append(spans, more...)
	}
	if len(spans) == 0 {
		return PageTrace{}, &pageError{status: http.StatusNotFound, message: "there are no spans of trace " + id + ": they are kept of what comes by OTLP, the last 64 MiB"}
	}
	docs, _ := mapping.New(options...).AppendDocuments(nil, spans)
	alone := NewStore()
	for _, doc := range docs {
		if _, err := alone.Add(Arrival{Document: doc, Source: "otlp"}); err != nil {
			return PageTrace{}, err
		}
	}
	return alone.pageTrace(id)
}

// mapperOptions reads settings: names with a comma between, some with a value behind =.
// None is the mapper that the documents here are made by.
func mapperOptions(settings string) (options []mapping.Option, err error) {
	for setting := range strings.SplitSeq(settings, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(setting), "=")
		switch name {
		case "":
		case "all-annotations":
			options = append(options, mapping.WithAllAnnotations())
		case "annotation":
			options = append(options, mapping.WithAnnotations(value))
		case "url-query":
			options = append(options, mapping.WithURLQuery())
		case "sql-literals":
			options = append(options, mapping.WithSQLLiterals())
		case "platform":
			options = append(options, mapping.WithFunctionSegment(mapping.FunctionSegmentPlatform))
		case "own":
			options = append(options, mapping.WithFunctionSegment(mapping.FunctionSegmentOwn))
		case "budget":
			n, err := strconv.Atoi(value)
			if err != nil || n < mapping.MinBudget || n > mapping.MaxBudget {
				return nil, badParameter("settings", "budget must be %d to %d bytes, is %.40q", mapping.MinBudget, mapping.MaxBudget, value)
			}
			options = append(options, mapping.WithBudget(n))
		default:
			return nil, badParameter("settings", "settings are all-annotations, annotation=KEY, url-query, sql-literals, platform, own and budget=BYTES, not %.40q", name)
		}
	}
	return options, nil
}
