package lambdaxray_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/codes"

	"github.com/lambdaxray/lambdaxray"
)

// embedded is a response with the fields of API Gateway's and one more.
type embedded struct {
	*events.APIGatewayProxyResponse
	Extra string
}

type (
	tagged struct { //nolint:revive // the tag is what counts
		Code int `json:"statusCode"`
	}
	unsigned struct {
		StatusCode uint16 `json:"statusCode"`
	}
	exactNumber struct {
		StatusCode json.Number `json:"statusCode"`
	}
	textual struct {
		StatusCode string `json:"statusCode"`
	}
	encodeItself struct{}
)

func (encodeItself) MarshalJSON() ([]byte, error) { return []byte(`{"body":"","statusCode":503}`), nil }

// The status is what API Gateway reads, whatever the response is made of.
func TestStatusOfEveryShape(t *testing.T) {
	failed := &events.APIGatewayProxyResponse{StatusCode: 503}
	for name, response := range map[string]any{
		"a struct":             *failed,
		"a pointer":            failed,
		"a pointer to one":     &failed,
		"an embedded struct":   embedded{failed, "x"},
		"a tag":                tagged{503},
		"uint":                 unsigned{503},
		"json.Number":          exactNumber{"503"},
		"a string":             textual{"503"},
		"a map":                map[string]any{"statusCode": 503.0},
		"raw JSON":             json.RawMessage(`{"body":"\"statusCode\":200","statusCode":503}`),
		"what encodes itself":  encodeItself{},
		"v2":                   events.APIGatewayV2HTTPResponse{StatusCode: 503},
		"ALB":                  &events.ALBTargetGroupResponse{StatusCode: 503},
		"a streaming response": &events.LambdaFunctionURLStreamingResponse{StatusCode: 503, Body: strings.NewReader("x")},
		"a streaming one below": &struct {
			*events.LambdaFunctionURLStreamingResponse
		}{&events.LambdaFunctionURLStreamingResponse{StatusCode: 503}},
	} {
		handlers := map[string]any{"any": func(json.RawMessage) (any, error) { return response, nil }}
		if _, ok := response.(io.Reader); !ok {
			handlers["bytes"] = bytesHandler(func(context.Context, []byte) ([]byte, error) { return json.Marshal(response) })
		}
		for kind, handler := range handlers {
			recorder, recording := record()
			if _, err := lambdaxray.WrapHandler(handler, recording).Invoke(t.Context(), fixture(t, "function_url")); err != nil {
				t.Fatal(err)
			}
			span := recorder.Ended()[0]
			if status := attributes(span.Attributes())["http.response.status_code"]; status != int64(503) || span.Status().Code != codes.Error {
				t.Errorf("%s, %s: HTTP status %v, status %v", name, kind, status, span.Status())
			}
		}
	}
}

// An authorizer is asked about an HTTP request and answers with a policy.
func TestAuthorizersHaveNoStatus(t *testing.T) {
	for name, event := range map[string]string{
		"v1, token":   `{"type":"TOKEN","authorizationToken":"x","methodArn":"arn:aws:execute-api:eu-west-1:123456789012:a1b2c3/prod/GET/orders"}`,
		"v1, request": `{"type":"REQUEST","methodArn":"arn:aws:execute-api:eu-west-1:123456789012:a1b2c3/prod/GET/orders","resource":"/orders","path":"/orders","httpMethod":"GET","headers":{},"requestContext":{"httpMethod":"GET","apiId":"a1b2c3"}}`,
		"v2":          `{"version":"2.0","type":"REQUEST","routeArn":"arn:aws:execute-api:eu-west-1:123456789012:a1b2c3/$default/GET/orders","identitySource":["x"],"routeKey":"GET /orders","rawPath":"/orders","headers":{},"requestContext":{"http":{"method":"GET","path":"/orders"}}}`,
	} {
		recorder, recording := record()
		h := lambdaxray.WrapHandler(func() (any, error) { return map[string]bool{"isAuthorized": true}, nil }, recording)
		typed := lambdaxray.WrapHandler(func(json.RawMessage) (map[string]bool, error) { return map[string]bool{"isAuthorized": true}, nil }, recording)
		_, _ = h.Invoke(t.Context(), []byte(event))
		_, _ = typed.Invoke(t.Context(), []byte(event))
		for _, span := range recorder.Ended() {
			if status, ok := attributes(span.Attributes())["http.response.status_code"]; ok {
				t.Errorf("%s: HTTP status %v", name, status)
			}
		}
	}
}

// metadataOf returns the metadata of a function span.
func metadataOf(t *testing.T, handler any, opts ...lambdaxray.Option) map[string]any {
	t.Helper()
	recorder, recording := record()
	_, _ = lambdaxray.WrapHandler(handler, append(opts, recording)...).Invoke(invocationContext(t, active), []byte(`{}`))
	text, _ := attributes(recorder.Ended()[0].Attributes())["aws.xray.metadata.lambda"].(string)
	if text == "" {
		return nil
	}
	var m map[string]any
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return m
}

func TestWithResult(t *testing.T) {
	for name, c := range map[string]struct {
		handler any
		want    map[string]any
	}{
		"JSON":      {func() (order, error) { return order{7}, nil }, map[string]any{"response": map[string]any{"ID": 7.0}}},
		"any":       {func() (any, error) { return "tea", nil }, map[string]any{"response": "tea"}},
		"nothing":   {func() {}, map[string]any{"response": nil}},
		"too long":  {func() (string, error) { return strings.Repeat("€", 50), nil }, map[string]any{"response": `"` + strings.Repeat("€", 26), "response_bytes": 152.0}},
		"no JSON":   {bytesHandler(func(context.Context, []byte) ([]byte, error) { return []byte("<tea>"), nil }), map[string]any{"response": "<tea>"}},
		"an error":  {func() error { return errStock }, map[string]any{"error": map[string]any{"errorMessage": "out of stock", "errorType": "*errors.errorString"}}},
		"a reader":  {func() (io.Reader, error) { return strings.NewReader("x"), nil }, nil},
		"it breaks": {func() (io.Reader, error) { return brokenReader{errors.New("x")}, nil }, map[string]any{"error": map[string]any{"errorMessage": "x", "errorType": "*errors.errorString"}}},
	} {
		if diff := cmp.Diff(c.want, metadataOf(t, c.handler, lambdaxray.WithResult(80))); diff != "" {
			t.Errorf("%s: metadata (-want +got):\n%s", name, diff)
		}
		if m := metadataOf(t, c.handler); m != nil {
			t.Errorf("%s: metadata %v by default", name, m)
		}
	}
	if m := metadataOf(t, func() (string, error) { return "tea", nil }, lambdaxray.WithResult(80), lambdaxray.WithResult(0)); m != nil {
		t.Errorf("metadata %v with a limit of 0", m)
	}
	just := metadataOf(t, func() (string, error) { return "tea", nil }, lambdaxray.WithResult(len(`"tea"`)))
	if diff := cmp.Diff(map[string]any{"response": "tea"}, just); diff != "" {
		t.Errorf("as long as the limit (-want +got):\n%s", diff)
	}
}

func TestWithTraceHeader(t *testing.T) {
	const id, name = rootID, "X-Trace-Id"
	single, multi := `"X-Trace-Id":"`+id+`"`, `"X-Trace-Id":["`+id+`"]`
	for _, c := range []struct{ response, want string }{
		{`{"statusCode":200,"headers":{"a":"b"},"body":"x"}`, `{"statusCode":200,"headers":{` + single + `,"a":"b"},"body":"x"}`},
		{`{"statusCode":200,"headers":{}}`, `{"statusCode":200,"headers":{` + single + `}}`},
		{`{"statusCode":200,"headers":null,"multiValueHeaders":null}`, `{"statusCode":200,"headers":{` + single + `},"multiValueHeaders":null}`},
		{`{"statusCode":200,"headers":null,"multiValueHeaders":{"a":["b"]}}`, `{"statusCode":200,"headers":null,"multiValueHeaders":{` + multi + `,"a":["b"]}}`},
		{`{"statusCode":200}`, `{"headers":{` + single + `},"statusCode":200}`},
		{` { "headers" : { } , "statusCode" : "200" } `, ` { "headers" : {` + single + ` } , "statusCode" : "200" } `},
		{`{"statusCode":200,"headers":{"x-trace-id":"mine"}}`, ``},
		{`{"statusCode":200,"headers":7}`, ``},
		{`{"name":"tea"}`, ``},
		{`"tea"`, ``},
		{`["statusCode",200]`, ``},
		{`no JSON`, ``},
		{`{"statusCode":200,`, ``},
	} {
		if c.want == "" {
			c.want = c.response
		}
		h := bytesHandler(func(context.Context, []byte) ([]byte, error) { return []byte(c.response), nil })
		_, recording := record()
		got, err := lambdaxray.WrapHandler(h, recording, lambdaxray.WithTraceHeader(name)).Invoke(invocationContext(t, active), fixture(t, "apigateway_v1"))
		if err != nil || string(got) != c.want {
			t.Errorf("%s became %s, %v\nwant %s", c.response, got, err, c.want)
		}
	}
	unnamed := bytesHandler(func(context.Context, []byte) ([]byte, error) { return []byte(`{"statusCode":200}`), nil })
	if got, _ := lambdaxray.WrapHandler(unnamed, lambdaxray.WithTraceHeader("")).Invoke(invocationContext(t, active), fixture(t, "apigateway_v1")); string(got) != `{"statusCode":200}` {
		t.Errorf("a header without a name: %s", got)
	}
	// It is for HTTP responses, and for errors there is none.
	_, recording := record()
	h := lambdaxray.WrapHandler(func() (any, error) { return events.APIGatewayProxyResponse{StatusCode: 200}, nil }, recording, lambdaxray.WithTraceHeader(name))
	if got, _ := h.Invoke(invocationContext(t, active), fixture(t, "sqs")); strings.Contains(string(got), name) {
		t.Errorf("response to a queue %s", got)
	}
	sampled, err := lambdaxray.WrapHandler(func(json.RawMessage) (any, error) { return events.APIGatewayProxyResponse{StatusCode: 200}, nil }, recording, lambdaxray.WithTraceHeader(name)).
		Invoke(invocationContext(t, active), fixture(t, "apigateway_v1"))
	if want := `{"statusCode":200,"headers":{` + single + `},"multiValueHeaders":null,"body":""}`; err != nil || string(sampled) != want {
		t.Errorf("response %s, %v, want %s", sampled, err, want)
	}
}
