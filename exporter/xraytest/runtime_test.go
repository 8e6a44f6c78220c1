package xraytest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/google/go-cmp/cmp"
)

// childVariable makes the test binary a Lambda function; see TestMain.
const childVariable = "XRAYTEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		lambda.Start(func(ctx context.Context, in string) (string, error) {
			switch in {
			case "exit":
				os.Exit(3)
			case "hang":
				<-ctx.Done()
				select {} // past the deadline, as a function does that ignores it
			}
			return "child " + in, nil
		})
	}
	os.Exit(m.Run())
}

func TestRuntimeInProcess(t *testing.T) {
	r := NewRuntime(t, Function{Name: "orders", Region: "eu-west-1", MemoryMB: 512})
	r.Setenv(t)
	type seen struct {
		RequestID, ARN, Trace, Client, Identity, Tenant string
		Deadline                                        int64
	}
	go lambda.StartWithOptions(func(ctx context.Context, event json.RawMessage) (seen, error) {
		lc, _ := lambdacontext.FromContext(ctx)
		trace, _ := ctx.Value("x-amzn-trace-id").(string)
		deadline, _ := ctx.Deadline()
		if string(event) == `"fail"` {
			return seen{}, errors.New("out of stock")
		}
		return seen{lc.AwsRequestID, lc.InvokedFunctionArn, trace, lc.ClientContext.Client.AppTitle, lc.Identity.CognitoIdentityID, lc.TenantID, deadline.UnixMilli()}, nil
	})
	ready, err := r.Ready(t.Context())
	if err != nil {
		t.Fatal(err)
	}

	deadline := time.Now().Add(time.Minute).Truncate(time.Millisecond)
	result, err := r.Invoke(t.Context(), Invocation{
		RequestID:       "79104EXAMPLEB723",
		TraceHeader:     "Root=1-581cf771-a006649127e371903a2de979;Parent=53995c3f42cd8ad8;Sampled=1",
		ClientContext:   `{"Client":{"app_title":"shop"}}`,
		CognitoIdentity: `{"cognitoIdentityId":"eu-west-1:1"}`,
		TenantID:        "t-1",
		Deadline:        deadline,
	})
	if err != nil {
		t.Fatal(err)
	}
	var got seen
	if err := json.Unmarshal(result.Payload, &got); err != nil {
		t.Fatalf("%s: %v", result.Payload, err)
	}
	want := seen{
		RequestID: "79104EXAMPLEB723",
		ARN:       "arn:aws:lambda:eu-west-1:123456789012:function:orders",
		Trace:     "Root=1-581cf771-a006649127e371903a2de979;Parent=53995c3f42cd8ad8;Sampled=1",
		Client:    "shop",
		Identity:  "eu-west-1:1",
		Tenant:    "t-1",
		Deadline:  deadline.UnixMilli(),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what the function saw (-want +got):\n%s", diff)
	}
	if result.FunctionError != "" || result.RequestID != "79104EXAMPLEB723" || !result.Deadline.Equal(deadline) {
		t.Errorf("result %+v", result)
	}
	idle, err := result.Idle(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	order := []time.Time{ready, result.Queued, result.Started, result.Responded, idle}
	if !slices.IsSortedFunc(order, time.Time.Compare) {
		t.Errorf("moments out of order: %v", order)
	}

	result, err = r.Invoke(t.Context(), Invocation{Payload: []byte(`"fail"`)})
	if err != nil {
		t.Fatal(err)
	}
	if result.FunctionError != "Unhandled" || result.ErrorType != "errorString" || !strings.Contains(string(result.Payload), "out of stock") || !bytes.Equal(result.ErrorObject, result.Payload) {
		t.Errorf("result of a failure %+v, payload %s", result, result.Payload)
	}
	if !json.Valid(result.XRayCause) || !strings.Contains(string(result.XRayCause), "out of stock") {
		t.Errorf("X-Ray cause %s", result.XRayCause)
	}
}

func TestRuntimeStreaming(t *testing.T) {
	r := NewRuntime(t, Function{})
	r.Setenv(t)
	go lambda.StartWithOptions(func(event string) (io.Reader, error) {
		if event == "break" {
			return io.MultiReader(strings.NewReader("half"), brokenReader{}), nil
		}
		return strings.NewReader("whole"), nil
	})
	result, err := r.Invoke(t.Context(), Invocation{Payload: []byte(`"go"`)})
	if err != nil {
		t.Fatal(err)
	}
	if string(result.Payload) != "whole" || result.FunctionError != "" {
		t.Errorf("result %+v, payload %s", result, result.Payload)
	}
	result, err = r.Invoke(t.Context(), Invocation{Payload: []byte(`"break"`)})
	if err != nil {
		t.Fatal(err)
	}
	if string(result.Payload) != "half" || result.FunctionError != "Unhandled" || !strings.Contains(string(result.ErrorObject), "pipe burst") || result.XRayCause != nil {
		t.Errorf("result of a broken stream %+v, payload %s, error %s, cause %s", result, result.Payload, result.ErrorObject, result.XRayCause)
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errors.New("pipe burst") }

func TestRuntimeConcurrentPollers(t *testing.T) {
	const n = 16
	r := NewRuntime(t, Function{MaxConcurrency: n, InitializationType: "lambda-managed-instances"})
	// aws-lambda-go has read its concurrency from the environment before main,
	// so the pollers are separate loops here.
	r.Setenv(t)
	var together sync.WaitGroup
	together.Add(n)
	for range n {
		go lambda.StartWithOptions(func(event string) (string, error) {
			together.Done()
			together.Wait() // returns only if all n run at once
			return event, nil
		})
	}
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			id := newRequestID()
			result, err := r.Invoke(t.Context(), Invocation{RequestID: id, Payload: []byte(`"` + id + `"`)})
			if err != nil {
				t.Error(err)
				return
			}
			if want := `"` + id + `"`; string(result.Payload) != want {
				t.Errorf("payload %s, want %s", result.Payload, want)
			}
		})
	}
	wg.Wait()
}

func TestRuntimeChildProcess(t *testing.T) {
	r := NewRuntime(t, Function{Name: "child"})
	start := func() *exec.Cmd {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(append(os.Environ(), r.Env()...), childVariable+"=1")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		return cmd
	}
	cmd := start()
	result, err := r.Invoke(t.Context(), Invocation{Payload: []byte(`"a"`)})
	if err != nil || string(result.Payload) != `"child a"` {
		t.Fatalf("payload %s, error %v", result.Payload, err)
	}

	go func() { r.Exited(cmd.Wait().Error()) }()
	result, err = r.Invoke(t.Context(), Invocation{Payload: []byte(`"exit"`)})
	if err != nil {
		t.Fatal(err)
	}
	if result.ErrorType != "Runtime.ExitError" || !strings.Contains(string(result.Payload), "exit status 3") {
		t.Errorf("result of an exit %+v, payload %s", result, result.Payload)
	}

	cmd = start()
	defer func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}()
	result, err = r.Invoke(t.Context(), Invocation{Payload: []byte(`"hang"`), Timeout: 20 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	if result.ErrorType != "Sandbox.Timedout" || !strings.Contains(string(result.Payload), "timed out after 0.02 seconds") {
		t.Errorf("result of a timeout %+v, payload %s", result, result.Payload)
	}
}

func TestRuntimeInitError(t *testing.T) {
	r := NewRuntime(t, Function{})
	resp := post(t, r, "init/error", `{"errorMessage":"no config","errorType":"Runtime.Bad"}`)
	if resp != http.StatusAccepted {
		t.Errorf("status %d", resp)
	}
	_, err := r.Invoke(t.Context(), Invocation{})
	checkError(t, err, "Runtime.Bad")
	_, err = r.Ready(t.Context())
	checkError(t, err, "no config")
}

func TestRuntimeUnknownID(t *testing.T) {
	r := NewRuntime(t, Function{})
	for _, path := range []string{"invocation/x/response", "invocation/x/error"} {
		if got := post(t, r, path, "{}"); got != http.StatusBadRequest {
			t.Errorf("%s: status %d, want 400", path, got)
		}
	}
}

func TestRuntimeResponseTooLarge(t *testing.T) {
	r := NewRuntime(t, Function{})
	go func() {
		id := poll(t, r)
		if got := post(t, r, "invocation/"+id+"/response", strings.Repeat("x", maxResponse+1)); got != http.StatusRequestEntityTooLarge {
			t.Errorf("status %d, want 413", got)
		}
	}()
	result, err := r.Invoke(t.Context(), Invocation{})
	if err != nil {
		t.Fatal(err)
	}
	if result.ErrorType != "Function.ResponseSizeTooLarge" {
		t.Errorf("result %+v", result)
	}
}

func TestRuntimeLateAnswerIsAccepted(t *testing.T) {
	r := NewRuntime(t, Function{})
	id := make(chan string)
	go func() { id <- poll(t, r) }()
	result, err := r.Invoke(t.Context(), Invocation{Timeout: time.Nanosecond})
	if err != nil || result.ErrorType != "Sandbox.Timedout" {
		t.Fatalf("result %+v, error %v", result, err)
	}
	if got := post(t, r, "invocation/"+<-id+"/response", "{}"); got != http.StatusAccepted {
		t.Errorf("status %d, want 202", got)
	}
}

func TestRuntimeEnds(t *testing.T) {
	r, err := StartRuntime("127.0.0.1:0", Function{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = r.Invoke(ctx, Invocation{})
	checkError(t, err, "no poller took it")
	_, err = r.Ready(ctx)
	checkError(t, err, "no first poll")
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if err := r.Close(); err != nil {
		t.Errorf("second close: %v", err)
	}
	if _, err = r.Invoke(t.Context(), Invocation{}); !errors.Is(err, ErrRuntimeClosed) {
		t.Errorf("error %v, want ErrRuntimeClosed", err)
	}
	if _, err = r.Ready(t.Context()); !errors.Is(err, ErrRuntimeClosed) {
		t.Errorf("error %v, want ErrRuntimeClosed", err)
	}
	if _, err := StartRuntime("nowhere", Function{}); err == nil {
		t.Error("no error for an address without a port")
	}
}

func TestResultIdleGivesUp(t *testing.T) {
	r := NewRuntime(t, Function{})
	go func() { post(t, r, "invocation/"+poll(t, r)+"/response", "{}") }()
	result, err := r.Invoke(t.Context(), Invocation{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = result.Idle(ctx)
	checkError(t, err, "no next poll")
	_, err = Result{}.Idle(t.Context())
	checkError(t, err, "not of a runtime")
}

func TestRuntimeEnv(t *testing.T) {
	r := NewRuntime(t, Function{Name: "orders", MaxConcurrency: 8, DaemonAddress: "127.0.0.1:2000"})
	if got, want := r.Function().ARN(), "arn:aws:lambda:us-east-1:123456789012:function:orders"; got != want {
		t.Errorf("ARN %s, want %s", got, want)
	}
	env := r.Env()
	for _, want := range []string{
		"AWS_LAMBDA_RUNTIME_API=" + r.Addr(),
		"AWS_LAMBDA_FUNCTION_NAME=orders",
		"AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/orders",
		"AWS_LAMBDA_INITIALIZATION_TYPE=on-demand",
		"AWS_LAMBDA_MAX_CONCURRENCY=8",
		"AWS_XRAY_DAEMON_ADDRESS=127.0.0.1:2000",
	} {
		if !slices.Contains(env, want) {
			t.Errorf("%s is missing in %q", want, env)
		}
	}
	for _, set := range NewRuntime(t, Function{MaxConcurrency: 1}).Env() {
		if strings.HasPrefix(set, "AWS_LAMBDA_MAX_CONCURRENCY=") {
			t.Errorf("one at a time has %s", set)
		}
	}
}

// poll asks for one event and returns its request id.
func poll(t *testing.T, r *Runtime) string {
	resp, err := http.Get("http://" + r.Addr() + "/2018-06-01/runtime/invocation/next")
	if err != nil {
		t.Error(err)
		return ""
	}
	defer resp.Body.Close()
	return resp.Header.Get("Lambda-Runtime-Aws-Request-Id")
}

// post sends a body below /runtime and returns the status.
func post(t *testing.T, r *Runtime, path, body string) int {
	resp, err := http.Post("http://"+r.Addr()+"/2018-06-01/runtime/"+path, "application/json", strings.NewReader(body))
	if err != nil {
		t.Error(err)
		return 0
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode
}
