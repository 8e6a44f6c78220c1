package xrayapi_test

import (
	"context"
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
	"github.com/aws/aws-sdk-go-v2/service/xray"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/lambdaxray/lambdaxray/exporter/xrayapi"
)

// An answer within a credentials error is another service's.
func TestCredentialsAreNotTheAnswer(t *testing.T) {
	answered := func(status int, code string) error {
		return &smithy.OperationError{ServiceID: "STS", OperationName: "AssumeRole", Err: &smithyhttp.ResponseError{
			Response: &smithyhttp.Response{Response: &http.Response{StatusCode: status, Header: http.Header{}}},
			Err:      &smithy.GenericAPIError{Code: code, Message: "no"},
		}}
	}
	for name, cause := range map[string]error{
		"404":               answered(404, ""),
		"403":               answered(403, "AccessDenied"),
		"400":               answered(400, "InvalidIdentityToken"),
		"a final code":      answered(400, "ValidationError"),
		"413":               answered(413, ""),
		"an expired token":  answered(400, "ExpiredTokenException"),
		"throttled":         answered(429, "ThrottledException"),
		"a timeout":         context.DeadlineExceeded,
		"canceled":          context.Canceled,
		"no parameters":     &smithy.InvalidParamsError{},
		"not serializable":  &smithy.SerializationError{Err: errors.New("no")},
		"a connection lost": &smithyhttp.RequestSendError{Err: errors.New("no")},
	} {
		t.Run(name, func(t *testing.T) {
			var fetched atomic.Int32
			cache := aws.NewCredentialsCache(aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
				fetched.Add(1)
				return aws.Credentials{}, cause
			}))
			f := newFake(t, nil, func(o *xray.Options) { o.Credentials = cache })
			err := xrayapi.New(f.client).Emit(t.Context(), documents(2))
			want := []xrayapi.Failure{{Documents: []int{0, 1}, Count: 2, Code: xrayapi.CodeCredentials, Temporary: true}}
			if diff := cmp.Diff(want, failures(t, err), cmpopts.IgnoreFields(xrayapi.Failure{}, "Err")); diff != "" {
				t.Errorf("failures (-want +got):\n%s", diff)
			}
			if !errors.Is(err, cause) || !errors.As(err, new(*xrayapi.CredentialsError)) {
				t.Errorf("%v is no CredentialsError with its cause", err)
			}
			if n := fetched.Load(); n != 1 {
				t.Errorf("credentials asked for %d times, want once", n)
			}
		})
	}
}

// X-Ray's own denials are temporary unless the user says otherwise.
func TestDenials(t *testing.T) {
	for code, attempts := range map[string]int{
		"AccessDeniedException": 1, "UnrecognizedClientException": 3, "InvalidSignatureException": 3, "IncompleteSignature": 1,
	} {
		for _, final := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/%v", code, final), func(t *testing.T) {
				s, client := newStub(t, func(w http.ResponseWriter, _ int, _ []string) {
					w.Header().Set("X-Amzn-Errortype", code)
					w.WriteHeader(http.StatusForbidden)
					_, _ = io.WriteString(w, `{"message":"no"}`)
				})
				var opts []xrayapi.Option
				if final {
					opts, attempts = append(opts, xrayapi.WithFinalDenials()), 1
				}
				got := failures(t, xrayapi.New(client, opts...).Emit(t.Context(), documents(2)))
				if len(got) != 1 || got[0].Code != code || got[0].Temporary == final {
					t.Errorf("failures %+v, want one with %s, temporary: %v", got, code, !final)
				}
				if len(s.calls) != attempts {
					t.Errorf("%d calls, want %d", len(s.calls), attempts)
				}
			})
		}
	}
}

// Eight calls whose credentials expire together fetch new ones once.
func TestRefreshOnce(t *testing.T) {
	const calls = 8
	var fetched atomic.Int32
	cache := aws.NewCredentialsCache(aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		key := fmt.Sprintf("KEY%d", fetched.Add(1))
		return aws.Credentials{AccessKeyID: key, SecretAccessKey: "s", CanExpire: true, Expires: time.Now().Add(time.Hour)}, nil
	}))
	var first sync.WaitGroup
	first.Add(calls)
	f := newFake(t, nil, func(o *xray.Options) {
		o.Credentials = cache
		inner := o.HTTPClient
		o.HTTPClient = httpFunc(func(r *http.Request) (*http.Response, error) {
			if !strings.Contains(r.Header.Get("Authorization"), "KEY1/") {
				return inner.Do(r)
			}
			first.Done()
			first.Wait() // all of them have the first credentials
			return &http.Response{
				StatusCode: http.StatusForbidden, Header: http.Header{"X-Amzn-Errortype": {"ExpiredTokenException"}},
				Body: io.NopCloser(strings.NewReader(`{"message":"expired"}`)),
			}, nil
		})
	})
	if err := xrayapi.New(f.client, xrayapi.WithConcurrency(calls)).Emit(t.Context(), documents(calls*xrayapi.MaxDocuments)); err != nil {
		t.Fatal(err)
	}
	if n := fetched.Load(); n != 2 {
		t.Errorf("credentials fetched %d times, want 2", n)
	}
}
