package lambda

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/lambdaxray/lambdaxray/examples/local/xray"
)

// testInvokeAPI serves the test function and returns an SDK client for it, and
// the outcomes whose traces were complete.
func testInvokeAPI(t *testing.T) (*lambda.Client, *Platform, *xray.Store, chan Outcome) {
	t.Helper()
	p, store := testPlatform(t, "echo")
	traced := make(chan Outcome, 10)
	server := httptest.NewServer(&InvokeAPI{Platform: p, Life: t.Context(), Traced: func(_ string, o Outcome) { traced <- o }})
	t.Cleanup(server.Close)
	client := lambda.New(lambda.Options{
		Region:           "us-east-1",
		BaseEndpoint:     &server.URL,
		Credentials:      credentials.NewStaticCredentialsProvider("local", "local", ""),
		RetryMaxAttempts: 1,
	})
	return client, p, store, traced
}

// TestInvokeRequestResponse calls with the SDK, in every way to name the function.
func TestInvokeRequestResponse(t *testing.T) {
	client, _, store, traced := testInvokeAPI(t)
	for _, name := range []string{
		"test", "test:live", "123456789012:test", "123456789012:function:test",
		"arn:aws:lambda:us-east-1:123456789012:function:test", "arn:aws:lambda:us-east-1:123456789012:function:test:live",
	} {
		out, err := client.Invoke(t.Context(), &lambda.InvokeInput{FunctionName: &name, Payload: []byte(`{"do":"it"}`)})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if a := answerOf(t, out.Payload); a.Do != "it" || out.StatusCode != 200 || aws.ToString(out.ExecutedVersion) != "$LATEST" || out.FunctionError != nil {
			t.Errorf("%s: status %d, version %s, %s", name, out.StatusCode, aws.ToString(out.ExecutedVersion), out.Payload)
		}
		if o := <-traced; len(store.Documents(o.Trace.ID())) != 2 {
			t.Errorf("%s: %d segments, want those of the service and the function", name, len(store.Documents(o.Trace.ID())))
		}
	}
}

func TestInvokeFunctionError(t *testing.T) {
	client, _, _, _ := testInvokeAPI(t)
	out, err := client.Invoke(t.Context(), &lambda.InvokeInput{FunctionName: aws.String("test"), Payload: []byte(`{"do":"fail"}`)})
	if err != nil {
		t.Fatal(err)
	}
	if out.StatusCode != 200 || aws.ToString(out.FunctionError) != "Unhandled" || !bytes.Contains(out.Payload, []byte("failed as asked")) {
		t.Errorf("status %d, function error %q, %s", out.StatusCode, aws.ToString(out.FunctionError), out.Payload)
	}
}

func TestInvokeLogTail(t *testing.T) {
	client, _, _, _ := testInvokeAPI(t)
	out, err := client.Invoke(t.Context(), &lambda.InvokeInput{
		FunctionName: aws.String("test"), Payload: []byte(`{"do":"exit"}`), LogType: types.LogTypeTail,
	})
	if err != nil {
		t.Fatal(err)
	}
	log, err := base64.StdEncoding.DecodeString(aws.ToString(out.LogResult))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"START RequestId: ", "Version: $LATEST", "do exit\n", "END RequestId: ", "REPORT RequestId: ", "XRAY TraceId: 1-"} {
		if !strings.Contains(string(log), want) {
			t.Errorf("no %q in the log:\n%s", want, log)
		}
	}
}

func TestInvokeEvent(t *testing.T) {
	client, _, store, traced := testInvokeAPI(t)
	out, err := client.Invoke(t.Context(), &lambda.InvokeInput{
		FunctionName: aws.String("test"), Payload: []byte(`{"do":"later"}`), InvocationType: types.InvocationTypeEvent,
	})
	if err != nil {
		t.Fatal(err)
	}
	if out.StatusCode != 202 || len(out.Payload) > 0 {
		t.Errorf("status %d, payload %s", out.StatusCode, out.Payload)
	}
	o := <-traced
	if a := answerOf(t, o.Payload); a.Do != "later" {
		t.Errorf("the function got %+v", a)
	}
	service := segmentOf(t, store.Documents(o.Trace.ID()), "AWS::Lambda")
	if child(service, "Dwell Time") == nil || child(service, "Attempt #1") == nil || child(service, "Attempt #2") != nil {
		t.Errorf("subsegments %v, want Dwell Time and Attempt #1", service.Subsegments)
	}
}

// TestInvokeWithResponseStream: with the SDK, of functions that stream and that do
// not.
func TestInvokeWithResponseStream(t *testing.T) {
	client, _, store, traced := testInvokeAPI(t)
	for _, test := range []struct{ do, want, code, details string }{
		{"stream", "first second", "", ""},
		{"it", `"Do":"it"`, "", ""},
		{"fail", "", "Unhandled", "failed as asked"},
		{"break", "half", "Unhandled", "pipe burst"},
		{"exit", "", "Unhandled", "exit status 1"},
	} {
		out, err := client.InvokeWithResponseStream(t.Context(), &lambda.InvokeWithResponseStreamInput{
			FunctionName: aws.String("test"), Payload: []byte(`{"do":"` + test.do + `"}`), LogType: types.LogTypeTail,
		})
		if err != nil {
			t.Fatal(err)
		}
		var payload bytes.Buffer
		var end *types.InvokeWithResponseStreamCompleteEvent
		for event := range out.GetStream().Events() {
			switch e := event.(type) {
			case *types.InvokeWithResponseStreamResponseEventMemberPayloadChunk:
				payload.Write(e.Value.Payload)
			case *types.InvokeWithResponseStreamResponseEventMemberInvokeComplete:
				end = &e.Value
			}
		}
		if err := out.GetStream().Err(); err != nil || end == nil {
			t.Fatalf("%s: %v, end %v", test.do, err, end)
		}
		out.GetStream().Close()
		if out.StatusCode != 200 || aws.ToString(out.ExecutedVersion) != "$LATEST" || !strings.Contains(payload.String(), test.want) ||
			aws.ToString(end.ErrorCode) != test.code || !strings.Contains(aws.ToString(end.ErrorDetails), test.details) {
			t.Errorf("%s: status %d, payload %s, code %q, details %q", test.do, out.StatusCode, &payload, aws.ToString(end.ErrorCode), aws.ToString(end.ErrorDetails))
		}
		if log, err := base64.StdEncoding.DecodeString(aws.ToString(end.LogResult)); err != nil || !strings.HasPrefix(string(log), "START RequestId: ") {
			t.Errorf("%s: log %q, %v", test.do, log, err)
		}
		if o := <-traced; len(store.Documents(o.Trace.ID())) != 2 {
			t.Errorf("%s: %d segments", test.do, len(store.Documents(o.Trace.ID())))
		}
	}
}

func TestInvokeDryRun(t *testing.T) {
	client, p, _, _ := testInvokeAPI(t)
	out, err := client.Invoke(t.Context(), &lambda.InvokeInput{FunctionName: aws.String("test"), InvocationType: types.InvocationTypeDryRun})
	if err != nil {
		t.Fatal(err)
	}
	if out.StatusCode != 204 || p.environment != nil {
		t.Errorf("status %d, environment %v", out.StatusCode, p.environment)
	}
}

// TestInvokeHeaders: the tracing header and the client context reach the
// function.
func TestInvokeHeaders(t *testing.T) {
	client, _, _, traced := testInvokeAPI(t)
	const root = "1-67890abc-0123456789abcdef01234567"
	out, err := client.Invoke(t.Context(), &lambda.InvokeInput{
		FunctionName:  aws.String("test"),
		ClientContext: aws.String(base64.StdEncoding.EncodeToString([]byte(`{"client":{"app_title":"shop"}}`))),
	}, func(o *lambda.Options) {
		o.APIOptions = append(o.APIOptions, smithyhttp.AddHeaderValue("X-Amzn-Trace-Id", "Root="+root+";Parent=00000000000000aa;Sampled=1"))
	})
	if err != nil {
		t.Fatal(err)
	}
	a := answerOf(t, out.Payload)
	if o := <-traced; o.Trace.ID() != root || !strings.HasPrefix(a.Header, "Root="+root+";Parent=") || a.Client != "shop" {
		t.Errorf("trace %s, the function got %+v", o.Trace.ID(), a)
	}
}

// TestInvokeFromBrowser: a page in the user's browser can reach loopback too.
func TestInvokeFromBrowser(t *testing.T) {
	p, _ := testPlatform(t, "echo")
	r := httptest.NewRequest("POST", "/2015-03-31/functions/test/invocations", strings.NewReader("{}"))
	r.Header.Set("Origin", "https://example.com")
	w := httptest.NewRecorder()
	(&InvokeAPI{Platform: p, Life: t.Context(), Traced: func(string, Outcome) {}}).ServeHTTP(w, r)
	if w.Code != 403 || p.environment != nil {
		t.Errorf("status %d, environment %v: the function ran", w.Code, p.environment)
	}
}

func TestInvokeErrors(t *testing.T) {
	client, _, _, _ := testInvokeAPI(t)
	for _, test := range []struct {
		name string
		in   lambda.InvokeInput
		code string
	}{
		{"another function", lambda.InvokeInput{FunctionName: aws.String("other")}, "ResourceNotFoundException"},
		{"no JSON", lambda.InvokeInput{FunctionName: aws.String("test"), Payload: []byte("{")}, "InvalidRequestContentException"},
		{"too large", lambda.InvokeInput{FunctionName: aws.String("test"), Payload: bytes.Repeat([]byte(" "), maxSyncPayload+1)}, "RequestTooLargeException"},
		{"event too large", lambda.InvokeInput{FunctionName: aws.String("test"), InvocationType: "Event", Payload: bytes.Repeat([]byte(" "), maxEventPayload+1)}, "RequestTooLargeException"},
		{"unknown type", lambda.InvokeInput{FunctionName: aws.String("test"), InvocationType: "Maybe"}, "InvalidParameterValueException"},
		{"client context", lambda.InvokeInput{FunctionName: aws.String("test"), ClientContext: aws.String("?")}, "InvalidRequestContentException"},
	} {
		_, err := client.Invoke(context.WithoutCancel(t.Context()), &test.in)
		var api smithy.APIError
		if !errors.As(err, &api) || api.ErrorCode() != test.code {
			t.Errorf("%s: %v, want %s", test.name, err, test.code)
		}
	}
	_, err := client.ListFunctions(t.Context(), nil)
	var api smithy.APIError
	if !errors.As(err, &api) || !strings.Contains(api.ErrorMessage(), "/2015-03-31/functions/{name}/invocations") {
		t.Errorf("another operation: %v, want a message that says what is served", err)
	}
}
