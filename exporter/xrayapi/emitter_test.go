package xrayapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/xray"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/lambdaxray/lambdaxray/exporter"
	"github.com/lambdaxray/lambdaxray/exporter/xrayapi"
	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
)

// fake is X-Ray's API with the documents it took, and a client of it that waits
// a microsecond where others wait seconds.
type fake struct {
	api    *xraytest.API
	client *xray.Client

	mu    sync.Mutex
	taken []string
}

type faultFunc = func(call int, r *http.Request) *xraytest.Fault

func newFake(t testing.TB, fault faultFunc, opts ...func(*xray.Options)) *fake {
	t.Helper()
	f := &fake{}
	f.api = xraytest.NewAPI(xraytest.WithFault(fault), xraytest.WithDocumentFunc(func(doc []byte) {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.taken = append(f.taken, string(doc))
	}))
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	f.client = xray.New(xray.Options{
		Region:       "eu-central-1",
		BaseEndpoint: aws.String(f.api.Start(t)),
		Credentials:  staticCredentials("key"),
		HTTPClient:   &http.Client{Transport: transport},
		Retryer:      quickRetryer(3),
	}, opts...)
	return f
}

func staticCredentials(key string) aws.CredentialsProviderFunc {
	return func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: key, SecretAccessKey: "secret"}, nil
	}
}

func quickRetryer(attempts int) aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = attempts
		o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return time.Microsecond, nil })
	})
}

// documents makes n valid documents; document i has the segment id i+1.
func documents(n int) [][]byte {
	docs := make([][]byte, n)
	for i := range docs {
		docs[i] = fmt.Appendf(nil, `{"name":"n","id":%q,"trace_id":"1-67891233-abcdef012345678912345678","start_time":1,"end_time":2}`, id(i))
	}
	return docs
}

// bodySize is that of the call that uploads docs.
func bodySize(docs [][]byte) int {
	in := struct{ TraceSegmentDocuments []string }{}
	for _, d := range docs {
		in.TraceSegmentDocuments = append(in.TraceSegmentDocuments, string(d))
	}
	text, _ := json.Marshal(in)
	return len(text) + 1 // a comma after each document
}

func id(i int) string { return fmt.Sprintf("%016x", i+1) }

func failures(t *testing.T, err error) []xrayapi.Failure {
	t.Helper()
	var put *xrayapi.PutError
	if !errors.As(err, &put) {
		t.Fatalf("error is %v, want a PutError", err)
	}
	return put.Failures
}

func TestEmit(t *testing.T) {
	for _, tc := range []struct {
		name  string
		docs  int
		opts  []xrayapi.Option
		calls int
	}{
		{name: "none", docs: 0, calls: 0},
		{name: "one", docs: 1, calls: 1},
		{name: "a full call", docs: 50, calls: 1},
		{name: "one more", docs: 51, calls: 2},
		{name: "many", docs: 1234, calls: 25},
		{name: "bytes", docs: 10, opts: []xrayapi.Option{xrayapi.WithMaxBytes(bodySize(documents(3)))}, calls: 4},
		{name: "larger than the bound", docs: 3, opts: []xrayapi.Option{xrayapi.WithMaxBytes(10)}, calls: 3},
		{name: "one at a time", docs: 200, opts: []xrayapi.Option{xrayapi.WithConcurrency(1)}, calls: 4},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := newFake(t, nil)
			e := xrayapi.New(f.client, tc.opts...)
			docs := documents(tc.docs)
			if err := e.Emit(t.Context(), docs); err != nil {
				t.Fatal(err)
			}
			var want []string
			for _, d := range docs {
				want = append(want, string(d))
			}
			if diff := cmp.Diff(want, f.taken, cmpopts.SortSlices(strings.Compare)); diff != "" {
				t.Errorf("documents (-want +got):\n%s", diff)
			}
			if got := f.api.Stats().Calls["/TraceSegments"]; got != tc.calls {
				t.Errorf("%d calls, want %d", got, tc.calls)
			}
			if diff := cmp.Diff(xrayapi.Stats{Documents: uint64(tc.docs), Calls: uint64(tc.calls)}, e.Stats()); diff != "" {
				t.Errorf("stats (-want +got):\n%s", diff)
			}
		})
	}
}

// Whatever X-Ray does to three documents, each is taken or named in the error
// with its reason.
func TestEmitFaults(t *testing.T) {
	always := func(f xraytest.Fault) faultFunc {
		return func(int, *http.Request) *xraytest.Fault { return &f }
	}
	until := func(calls int, f xraytest.Fault) faultFunc {
		return func(call int, _ *http.Request) *xraytest.Fault {
			if call < calls {
				return &f
			}
			return nil
		}
	}
	unprocessed := func(code string, ids ...string) xraytest.Fault {
		return xraytest.Fault{ErrorType: code, Unprocessed: func(id string) bool {
			for _, i := range ids {
				if i == id {
					return true
				}
			}
			return false
		}}
	}
	all := []int{0, 1, 2}
	for _, tc := range []struct {
		name  string
		fault faultFunc
		want  []xrayapi.Failure // without Err
		calls int
	}{
		{name: "throttled for a while", fault: until(3, xraytest.Fault{Status: 429}), calls: 3},
		{
			name: "throttled", fault: always(xraytest.Fault{Status: 429}), calls: 3,
			want: []xrayapi.Failure{{Documents: all, Count: 3, Code: "ThrottledException", Temporary: true}},
		},
		{name: "throttled for a while by a proxy", fault: until(3, xraytest.Fault{Status: 429, ErrorType: "SlowDown!"}), calls: 3},
		{
			name: "throttled by a proxy", fault: always(xraytest.Fault{Status: 429, ErrorType: "SlowDown!"}), calls: 3,
			want: []xrayapi.Failure{{Documents: all, Count: 3, Code: "SlowDown!", Temporary: true}},
		},
		{name: "one 500", fault: until(2, xraytest.Fault{Status: 500}), calls: 2},
		{
			name: "500", fault: always(xraytest.Fault{Status: 500}), calls: 3,
			want: []xrayapi.Failure{{Documents: all, Count: 3, Code: "InternalFailure", Temporary: true}},
		},
		{name: "one reset", fault: until(2, xraytest.Fault{Reset: true}), calls: 2},
		{
			name: "reset", fault: always(xraytest.Fault{Reset: true}), calls: 3,
			want: []xrayapi.Failure{{Documents: all, Count: 3, Code: "Connection", Temporary: true}},
		},
		{
			name: "400", fault: always(xraytest.Fault{Status: 400}), calls: 1,
			want: []xrayapi.Failure{{Documents: all, Count: 3, Code: "InvalidRequestException"}},
		},
		{
			name: "forbidden", fault: always(xraytest.Fault{Status: 403, ErrorType: "AccessDeniedException"}), calls: 1,
			want: []xrayapi.Failure{{Documents: all, Count: 3, Code: "AccessDeniedException", Temporary: true}},
		},
		{
			name: "expired credentials", fault: always(xraytest.Fault{Status: 403}), calls: 3,
			want: []xrayapi.Failure{{Documents: all, Count: 3, Code: "ExpiredTokenException", Temporary: true}},
		},
		{name: "unprocessed for a while", fault: until(3, unprocessed("ThrottledException", id(1))), calls: 3},
		{
			name: "unprocessed and throttled", fault: always(unprocessed("ThrottledException", id(0), id(2))), calls: 3,
			want: []xrayapi.Failure{
				{Documents: []int{0}, Count: 1, ID: id(0), Code: "ThrottledException", Temporary: true},
				{Documents: []int{2}, Count: 1, ID: id(2), Code: "ThrottledException", Temporary: true},
			},
		},
		{
			name: "unprocessed for good", fault: always(unprocessed("InvalidName", id(1))), calls: 1,
			want: []xrayapi.Failure{{Documents: []int{1}, Count: 1, ID: id(1), Code: "InvalidName"}},
		},
		{
			name: "unprocessed, then the call fails", calls: 2,
			fault: func(call int, _ *http.Request) *xraytest.Fault {
				if call == 1 {
					f := unprocessed("InternalFailure", id(1))
					return &f
				}
				return &xraytest.Fault{Status: 400}
			},
			want: []xrayapi.Failure{{Documents: []int{1}, Count: 1, Code: "InvalidRequestException"}},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := newFake(t, tc.fault)
			e := xrayapi.New(f.client)
			err := e.Emit(t.Context(), documents(3))
			var got []xrayapi.Failure
			lost := 0
			if err != nil {
				got = failures(t, err)
				for i := range got {
					lost += got[i].Count
				}
				var emit *exporter.EmitError
				if !errors.As(err, &emit) || emit.Lost != lost {
					t.Errorf("error is %#v, want an EmitError with %d lost", err, lost)
				}
			}
			if diff := cmp.Diff(tc.want, got, cmpopts.IgnoreFields(xrayapi.Failure{}, "Err")); diff != "" {
				t.Errorf("failures (-want +got):\n%s", diff)
			}
			if taken := len(f.taken); taken+lost != 3 {
				t.Errorf("%d taken and %d lost of 3", taken, lost)
			}
			if got := f.api.Stats().Calls["/TraceSegments"]; got != tc.calls {
				t.Errorf("%d calls, want %d", got, tc.calls)
			}
			if s := e.Stats(); s.Documents != uint64(3-lost) || s.Lost != uint64(lost) {
				t.Errorf("stats %+v, want %d documents and %d lost", s, 3-lost, lost)
			}
		})
	}
}

// One call that fails does not touch the others.
func TestEmitOneCallFails(t *testing.T) {
	f := newFake(t, func(call int, _ *http.Request) *xraytest.Fault {
		if call == 2 {
			return &xraytest.Fault{Status: 400}
		}
		return nil
	})
	err := xrayapi.New(f.client, xrayapi.WithConcurrency(1)).Emit(t.Context(), documents(150))
	got := failures(t, err)
	if len(got) != 1 || got[0].Count != 50 || len(f.taken) != 100 {
		t.Fatalf("%d taken, failures %+v", len(f.taken), got)
	}
	taken := map[string]bool{}
	for _, d := range f.taken {
		taken[d] = true
	}
	docs := documents(150)
	for _, d := range got[0].Documents {
		if taken[string(docs[d])] {
			t.Errorf("document %d was taken and is reported as lost", d)
		}
	}
}

// X-Ray names no id where it can read none; the document is counted all the same.
func TestEmitUnreadableDocument(t *testing.T) {
	f := newFake(t, nil)
	docs := append(documents(2), []byte(`[]`))
	got := failures(t, xrayapi.New(f.client).Emit(t.Context(), docs))
	want := []xrayapi.Failure{{Documents: []int{2}, Count: 1}}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(xrayapi.Failure{}, "Err", "Code")); diff != "" {
		t.Errorf("failures (-want +got):\n%s", diff)
	}
}

func TestEmitExpiredCredentials(t *testing.T) {
	var fetched atomic.Int32
	cache := aws.NewCredentialsCache(aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		key := fmt.Sprintf("KEY%d", fetched.Add(1))
		return aws.Credentials{AccessKeyID: key, SecretAccessKey: "s", CanExpire: true, Expires: time.Now().Add(time.Hour)}, nil
	}))
	f := newFake(t, func(_ int, r *http.Request) *xraytest.Fault {
		if strings.Contains(r.Header.Get("Authorization"), "KEY1/") {
			return &xraytest.Fault{Status: 403, ErrorType: "ExpiredTokenException"}
		}
		return nil
	}, func(o *xray.Options) { o.Credentials = cache })
	if err := xrayapi.New(f.client).Emit(t.Context(), documents(1)); err != nil {
		t.Error(err)
	}
	if n := fetched.Load(); n != 2 {
		t.Errorf("credentials fetched %d times, want 2", n)
	}
}

// An answer that names more documents than there are does not upset the counts.
func TestEmitTooManyUnprocessed(t *testing.T) {
	for _, tc := range []struct {
		name, answer string
		want         []xrayapi.Failure // without Err
	}{
		{
			name:   "two reasons for one",
			answer: `{"Id":"0000000000000001","ErrorCode":"InvalidName"},{"Id":"0000000000000001","ErrorCode":"InvalidTime"}`,
			want:   []xrayapi.Failure{{Documents: []int{0}, Count: 1, ID: id(0), Code: "InvalidName"}},
		},
		{
			name:   "none that was sent",
			answer: `{"ErrorCode":"ParseError"},{"Id":"","ErrorCode":"ParseError"},{"Id":"ffffffffffffffff"}`,
			want:   []xrayapi.Failure{{Documents: []int{0}, Count: 1, Code: "ParseError"}, {Documents: []int{1}, Count: 1, Code: "ParseError"}},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := newFake(t, nil, func(o *xray.Options) {
				o.HTTPClient = httpFunc(func(*http.Request) (*http.Response, error) {
					body := io.NopCloser(strings.NewReader(`{"UnprocessedTraceSegments":[` + tc.answer + `]}`))
					return &http.Response{StatusCode: http.StatusOK, Body: body, Header: http.Header{}}, nil
				})
			})
			e := xrayapi.New(f.client)
			got := failures(t, e.Emit(t.Context(), documents(2)))
			if diff := cmp.Diff(tc.want, got, cmpopts.IgnoreFields(xrayapi.Failure{}, "Err")); diff != "" {
				t.Errorf("failures (-want +got):\n%s", diff)
			}
			lost := uint64(len(tc.want))
			if s := e.Stats(); s.Lost != lost || s.Documents != 2-lost {
				t.Errorf("stats %+v, want %d lost of 2", s, lost)
			}
		})
	}
}

func TestEmitWithoutCredentials(t *testing.T) {
	broken := errors.New("no role today")
	f := newFake(t, nil, func(o *xray.Options) {
		o.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return aws.Credentials{}, broken })
	})
	err := xrayapi.New(f.client).Emit(t.Context(), documents(2))
	got := failures(t, err)
	want := []xrayapi.Failure{{Documents: []int{0, 1}, Count: 2, Code: "Credentials", Temporary: true}}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(xrayapi.Failure{}, "Err")); diff != "" {
		t.Errorf("failures (-want +got):\n%s", diff)
	}
	if !errors.Is(err, broken) {
		t.Errorf("%v does not wrap its cause", err)
	}
}

// The text of a request is JSON within JSON, whatever a document has in it.
func TestRequestBody(t *testing.T) {
	doc := []byte("{\"name\":\"é \\\"q\\\" \\\\ \\u0001 <&> \u2028 \U0001F600\"}")
	var body struct{ TraceSegmentDocuments []string }
	f := newFake(t, nil, func(o *xray.Options) {
		inner := o.HTTPClient
		o.HTTPClient = httpFunc(func(r *http.Request) (*http.Response, error) {
			text, err := io.ReadAll(r.Body)
			if err != nil {
				return nil, err
			}
			if err := json.Unmarshal(text, &body); err != nil {
				t.Error(err)
			}
			r.Body = io.NopCloser(bytes.NewReader(text))
			return inner.Do(r)
		})
	})
	_ = xrayapi.New(f.client).Emit(t.Context(), [][]byte{doc}) // the fake finds it incomplete
	if diff := cmp.Diff([]string{string(doc)}, body.TraceSegmentDocuments); diff != "" {
		t.Errorf("document (-want +got):\n%s", diff)
	}
}

type httpFunc func(*http.Request) (*http.Response, error)

func (f httpFunc) Do(r *http.Request) (*http.Response, error) { return f(r) }
