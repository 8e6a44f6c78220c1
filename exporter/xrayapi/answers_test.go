package xrayapi_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/xray"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/lambdaxray/lambdaxray/exporter/xrayapi"
)

// stub answers calls as a test says, and keeps what each was about.
type stub struct {
	mu    sync.Mutex
	calls [][]string // the documents of each call
	taken map[string]bool
}

// newStub serves answer, which gets the number of the call, from 1, and its
// documents' ids, and returns a client that waits a microsecond between tries.
func newStub(t *testing.T, answer func(w http.ResponseWriter, call int, ids []string)) (*stub, *xray.Client) {
	t.Helper()
	s := &stub{taken: map[string]bool{}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct{ TraceSegmentDocuments []string }
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			t.Error(err)
		}
		var ids []string
		for _, d := range in.TraceSegmentDocuments {
			_, id, _ := strings.Cut(d, `"id":"`)
			id, _, _ = strings.Cut(id, `"`)
			ids = append(ids, id)
		}
		s.mu.Lock()
		s.calls = append(s.calls, ids)
		call := len(s.calls)
		s.mu.Unlock()
		answer(w, call, ids)
	}))
	t.Cleanup(server.Close)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return s, xray.New(xray.Options{
		Region: "eu-central-1", BaseEndpoint: aws.String(server.URL), Credentials: staticCredentials("key"),
		HTTPClient: &http.Client{
			Transport:     transport,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		Retryer: quickRetryer(3),
	})
}

func entries(list ...string) string {
	return `{"UnprocessedTraceSegments":[` + strings.Join(list, ",") + `]}`
}

func entry(id, code string) string { return fmt.Sprintf(`{"Id":%q,"ErrorCode":%q}`, id, code) }

// What is not X-Ray's answer is temporary, whatever its status: a proxy's page,
// a portal's, half an answer, none.
func TestAnswersOfOthers(t *testing.T) {
	page := "<html><body>Sign in</body></html>"
	statuses := []int{200, 204, 300, 301, 302, 303, 307, 308}
	for s := 400; s <= 431; s++ {
		if s != http.StatusRequestTimeout && s != http.StatusTooManyRequests {
			statuses = append(statuses, s)
		}
	}
	statuses = append(statuses, 451, 499, 502, 511)
	for _, status := range statuses {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			s, client := newStub(t, func(w http.ResponseWriter, _ int, _ []string) {
				w.Header().Set("Content-Type", "text/html")
				w.Header().Set("Location", "http://127.0.0.1:1/login")
				w.WriteHeader(status)
				if status != http.StatusNoContent {
					_, _ = io.WriteString(w, page)
				}
			})
			for _, f := range failures(t, xrayapi.New(client).Emit(t.Context(), documents(3))) {
				if want := fmt.Sprintf("HTTP%d", status); !f.Temporary || f.Code != want {
					t.Errorf("failure %+v, want a temporary %s", f, want)
				}
			}
			// At once again only where a moment may help; a 413 is halved.
			want := 1
			switch {
			case status < 300 || status >= 500:
				want = 3
			case status == http.StatusRequestEntityTooLarge:
				want = 5
			}
			if len(s.calls) != want {
				t.Errorf("%d calls, want %d", len(s.calls), want)
			}
		})
	}
	for name, answer := range map[string]string{
		"empty":              "",
		"half":               `{"UnprocessedTraceSegments":[{"Id":"0000`,
		"another type":       `{"UnprocessedTraceSegments":"none"}`,
		"a list":             `[]`,
		"longer than 1 MiB":  `{"UnprocessedTraceSegments":[` + strings.Repeat(" ", 1<<20) + `]}`,
		"XML":                `<?xml version="1.0"?>`,
		"an entry as number": `{"UnprocessedTraceSegments":[1]}`,
	} {
		t.Run(name, func(t *testing.T) {
			_, client := newStub(t, func(w http.ResponseWriter, _ int, _ []string) { _, _ = io.WriteString(w, answer) })
			got := failures(t, xrayapi.New(client).Emit(t.Context(), documents(3)))
			if len(got) != 1 || !got[0].Temporary || got[0].Count != 3 {
				t.Errorf("failures %+v, want all three as temporary", got)
			}
		})
	}
	t.Run("a gateway's JSON", func(t *testing.T) {
		_, client := newStub(t, func(w http.ResponseWriter, _ int, _ []string) {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, `{"code":"policy_violation","message":"upload blocked"}`)
		})
		got := failures(t, xrayapi.New(client).Emit(t.Context(), documents(3)))
		if len(got) != 1 || !got[0].Temporary {
			t.Errorf("failures %+v, want a temporary one", got)
		}
	})
}

// A long answer costs neither memory nor a long text.
func TestLongAnswer(t *testing.T) {
	const size = 64 << 20
	for _, status := range []int{200, 400, 502} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			var sent atomic.Int64
			_, client := newStub(t, func(w http.ResponseWriter, _ int, _ []string) {
				w.Header().Set("X-Amzn-Errortype", strings.Repeat("E", 1000))
				w.WriteHeader(status)
				_, _ = io.WriteString(w, `{"Message":"`)
				chunk := []byte(strings.Repeat("x", 1<<16))
				for range size / len(chunk) {
					n, err := w.Write(chunk)
					if sent.Add(int64(n)); err != nil {
						return
					}
				}
				_, _ = io.WriteString(w, `"}`)
			})
			err := xrayapi.New(client).Emit(t.Context(), documents(1))
			if got := failures(t, err); !got[0].Temporary {
				t.Errorf("failure %+v, want a temporary one", got[0])
			}
			if n := len(err.Error()); n > 2000 {
				t.Errorf("error of %d bytes", n)
			}
			if n := sent.Load(); n > 3*size/2 { // of three attempts
				t.Errorf("%d bytes were read", n)
			}
		})
	}
	t.Run("message", func(t *testing.T) {
		_, client := newStub(t, func(w http.ResponseWriter, _ int, _ []string) {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, `{"__type":"InvalidRequestException","message":"`+strings.Repeat("é", 100_000)+`"}`)
		})
		err := xrayapi.New(client).Emit(t.Context(), documents(1))
		if n := len(err.Error()); n > 1000 || !strings.Contains(err.Error(), "bytes more") {
			t.Errorf("error of %d bytes: %.200s", n, err)
		}
	})
}

// An answer's entries are matched with documents whatever they leave out; each
// document is taken, or refused with a reason, and counted once.
func TestUnprocessed(t *testing.T) {
	deep := []byte(`{"name":"n","metadata":{"default":{"k":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) +
		`}},"id":"` + id(0) + `","trace_id":"1-67891233-abcdef012345678912345678","start_time":1,"end_time":2}`)
	const throttled, invalid = "ThrottledException", "InvalidName"
	refuse := func(index int, code string) xrayapi.Failure {
		return xrayapi.Failure{Documents: []int{index}, Count: 1, ID: id(index), Code: code}
	}
	for _, tc := range []struct {
		name   string
		docs   [][]byte
		answer func(call int, ids []string) string
		want   []xrayapi.Failure
		calls  [][]string // if given, which documents each call had
	}{
		{
			name: "a document nested too deep for encoding/json",
			docs: append([][]byte{deep}, documents(3)[1:]...),
			answer: func(call int, _ []string) string {
				if call == 1 {
					return entries(entry(id(0), throttled))
				}
				return entries()
			},
			calls: [][]string{{id(0), id(1), id(2)}, {id(0)}},
		},
		{
			name: "named ones first, then one without an id",
			docs: documents(4),
			answer: func(call int, _ []string) string {
				if call == 1 {
					return entries(`{"ErrorCode":"ThrottledException"}`, entry(id(1), invalid), entry(id(2), throttled))
				}
				return entries()
			},
			want:  []xrayapi.Failure{refuse(1, invalid)},
			calls: [][]string{{id(0), id(1), id(2), id(3)}, {id(0), id(2), id(3)}},
		},
		{
			name: "throttled under an id that was not sent",
			docs: documents(3),
			answer: func(call int, _ []string) string {
				if call == 1 {
					return entries(entry("ffffffffffffffff", throttled))
				}
				return entries()
			},
			calls: [][]string{{id(0), id(1), id(2)}, {id(0), id(1), id(2)}},
		},
		{
			name: "more entries without an id than documents, before a named one",
			docs: documents(2),
			answer: func(call int, _ []string) string {
				if call == 1 {
					return entries(`{"ErrorCode":"InternalFailure"}`, `{"ErrorCode":"InternalFailure"}`, entry(id(1), invalid))
				}
				return entries()
			},
			want:  []xrayapi.Failure{refuse(1, invalid)},
			calls: [][]string{{id(0), id(1)}, {id(0)}},
		},
		{
			name: "refused without an id",
			docs: documents(4),
			answer: func(_ int, ids []string) string {
				for _, i := range ids {
					if i == id(2) {
						return entries(`{"ErrorCode":"InvalidName"}`)
					}
				}
				return entries()
			},
			want: []xrayapi.Failure{{Documents: []int{2}, Count: 1, Code: invalid}},
		},
		{
			name: "one span id in two traces, throttled",
			docs: [][]byte{documents(1)[0], documents(1)[0], documents(2)[1]},
			answer: func(call int, _ []string) string {
				if call == 1 {
					return entries(entry(id(0), throttled))
				}
				return entries()
			},
			calls: [][]string{{id(0), id(0), id(1)}, {id(0), id(0)}},
		},
		{
			name: "one span id in two traces, one of them refused",
			docs: [][]byte{documents(1)[0], documents(1)[0], documents(2)[1]},
			answer: func(call int, ids []string) string {
				if call != 2 && ids[0] == id(0) { // the second of two
					return entries(entry(id(0), invalid))
				}
				return entries()
			},
			want:  []xrayapi.Failure{{Documents: []int{1}, Count: 1, ID: id(0), Code: invalid}},
			calls: [][]string{{id(0), id(0), id(1)}, {id(0)}, {id(0)}},
		},
		{
			name: "an entry without a code",
			docs: documents(2),
			answer: func(call int, _ []string) string {
				if call == 1 {
					return entries(`{"Id":"` + id(1) + `"}`)
				}
				return entries()
			},
			calls: [][]string{{id(0), id(1)}, {id(1)}},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s, client := newStub(t, func(w http.ResponseWriter, call int, ids []string) {
				_, _ = io.WriteString(w, tc.answer(call, ids))
			})
			e := xrayapi.New(client)
			err := e.Emit(t.Context(), tc.docs)
			var got []xrayapi.Failure
			if err != nil {
				got = failures(t, err)
			}
			if diff := cmp.Diff(tc.want, got, cmpopts.IgnoreFields(xrayapi.Failure{}, "Err")); diff != "" {
				t.Errorf("failures (-want +got):\n%s", diff)
			}
			if tc.calls != nil {
				if diff := cmp.Diff(tc.calls, s.calls); diff != "" {
					t.Errorf("calls (-want +got):\n%s", diff)
				}
			}
			if st := e.Stats(); st.Documents+st.Lost != uint64(len(tc.docs)) || st.Lost != uint64(len(tc.want)) {
				t.Errorf("stats %+v of %d documents", st, len(tc.docs))
			}
		})
	}
}

// A call that is too large for whoever answers is halved until it is not.
func TestTooLarge(t *testing.T) {
	s, client := newStub(t, func(w http.ResponseWriter, _ int, ids []string) {
		if len(ids) > 3 {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
			_, _ = io.WriteString(w, "<html>413</html>")
			return
		}
		_, _ = io.WriteString(w, entries())
	})
	if err := xrayapi.New(client).Emit(t.Context(), documents(10)); err != nil {
		t.Fatal(err)
	}
	taken := 0
	for _, c := range s.calls {
		if len(c) <= 3 {
			taken += len(c)
		}
	}
	if taken != 10 {
		t.Errorf("%d documents taken, want each once: %v", taken, s.calls)
	}

	_, client = newStub(t, func(w http.ResponseWriter, _ int, _ []string) { w.WriteHeader(http.StatusRequestEntityTooLarge) })
	got := failures(t, xrayapi.New(client).Emit(t.Context(), documents(5)))
	if len(got) != 5 || !got[0].Temporary {
		t.Errorf("failures %+v, want five that are temporary", got)
	}
}

// The bound of a call holds for what goes out.
func TestMaxBytesAfterQuoting(t *testing.T) {
	docs := documents(40)
	for i := range docs {
		docs[i] = append(docs[i][:len(docs[i])-1], `,"metadata":{"default":{"k":"`+strings.Repeat(`\"\\`, 500)+`"}}}`...)
	}
	const bound = 50_000
	largest := 0
	f := newFake(t, nil, func(o *xray.Options) {
		inner := o.HTTPClient
		o.HTTPClient = httpFunc(func(r *http.Request) (*http.Response, error) {
			largest = max(largest, int(r.ContentLength))
			return inner.Do(r)
		})
	})
	if err := xrayapi.New(f.client, xrayapi.WithMaxBytes(bound), xrayapi.WithConcurrency(1)).Emit(t.Context(), docs); err != nil {
		t.Fatal(err)
	}
	if largest > bound || largest < bound*3/4 {
		t.Errorf("largest call has %d bytes, want at most %d and nearly so", largest, bound)
	}
}
