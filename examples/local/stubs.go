package main

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// stubs stands in for everything the example function calls: S3, DynamoDB, SQS
// and the price service. It answers just the calls of examples/function, keeps
// nothing, and listens on loopback. It is no emulator.
type stubs struct {
	url    string
	server *http.Server
	stuck  chan struct{} // closed at the end: releases the requests that hang
	calls  atomic.Int64  // numbers the request ids

	mu      sync.Mutex
	flaked  map[string]bool // by order: the price service has failed it once
	headers []string        // tracing headers of the first messages sent to SQS
}

// priceHost is the price service as the function knows it. The function
// reaches it through the stubs as its HTTP proxy, so that the service map has
// the name and not a port of this machine.
const priceHost = "prices.example.com"

// Items for which a service misbehaves.
const (
	itemUnavailable = "unavailable" // always 503
	itemFlaky       = "flaky"       // 503 once for an order
	itemNull        = "null"        // its price is null, at which the function panics
	itemStuck       = "stuck"       // SQS does not answer for its order
)

// What a call takes, about as long as in a region.
const (
	s3Latency       = 22 * time.Millisecond
	dynamoDBLatency = 8 * time.Millisecond
	sqsLatency      = 12 * time.Millisecond
	priceLatency    = 35 * time.Millisecond
	auditLatency    = 50 * time.Millisecond // longer than what is left of the invocation
)

// maxHeaders is how many tracing headers the stubs remember.
const maxHeaders = 16

// startStubs listens on a free loopback port.
func startStubs() (*stubs, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("AWS stubs: %w", err)
	}
	s := &stubs{url: "http://" + l.Addr().String(), stuck: make(chan struct{}), flaked: map[string]bool{}}
	mux := http.NewServeMux()
	mux.HandleFunc("/s3/{bucket}/{key...}", s.s3)
	mux.HandleFunc("POST /dynamodb", s.dynamoDB)
	mux.HandleFunc("POST /dynamodb/{$}", s.dynamoDB) // JavaScript's SDK
	mux.HandleFunc("POST /sqs", s.sqs)
	mux.HandleFunc("GET "+priceHost+"/prices/{item}", s.price)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, fmt.Sprintf("the local stubs do not answer %s %s", r.Method, r.URL), http.StatusNotImplemented)
	})
	s.server = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go s.server.Serve(l)
	return s, nil
}

func (s *stubs) close() error {
	close(s.stuck)
	return s.server.Close()
}

// env is what makes examples/function call the stubs: the AWS SDK's own
// endpoint variables, and an HTTP proxy for the price service (the SDK and the
// Runtime API are on loopback, which Go never sends through a proxy).
func (s *stubs) env() []string {
	return []string{
		"AWS_ENDPOINT_URL_S3=" + s.url + "/s3",
		"AWS_ENDPOINT_URL_DYNAMODB=" + s.url + "/dynamodb",
		"AWS_ENDPOINT_URL_SQS=" + s.url + "/sqs",
		"AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local",
		"HTTP_PROXY=" + s.url,
		"PRICE_URL=http://" + priceHost,
		"ORDERS_TABLE=orders",
		"RECEIPTS_BUCKET=receipts",
		"AUDIT_BUCKET=audit",
		"SHIPPING_QUEUE_URL=https://sqs.us-east-1.amazonaws.com/123456789012/shipping",
	}
}

func (s *stubs) requestID() string { return fmt.Sprintf("local-%08d", s.calls.Add(1)) }

// s3 accepts any object.
func (s *stubs) s3(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPut {
		http.Error(w, "the local S3 stub answers PutObject only", http.StatusNotImplemented)
		return
	}
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		return // the function went away
	}
	latency := s3Latency
	if r.PathValue("bucket") == "audit" {
		latency = auditLatency
	}
	if !wait(r.Context(), latency) {
		return
	}
	w.Header().Set("X-Amz-Request-Id", s.requestID())
	w.Header().Set("X-Amz-Id-2", "local-extended-request-id")
	w.Header().Set("ETag", `"d41d8cd98f00b204e9800998ecf8427e"`)
}

// dynamoDB accepts any item.
func (s *stubs) dynamoDB(w http.ResponseWriter, r *http.Request) {
	if !s.target(w, r, "DynamoDB_20120810.PutItem", "application/x-amz-json-1.0", dynamoDBLatency) {
		return
	}
	const body = "{}"
	w.Header().Set("X-Amz-Crc32", strconv.FormatUint(uint64(crc32.ChecksumIEEE([]byte(body))), 10)) // the SDKs check it
	io.WriteString(w, body)
}

// sqs accepts any message, or leaves it hanging; the SDK checks the digest of
// its body.
func (s *stubs) sqs(w http.ResponseWriter, r *http.Request) {
	var in struct{ MessageBody string }
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		http.Error(w, "SendMessage: "+err.Error(), http.StatusBadRequest)
		return
	}
	if strings.Contains(in.MessageBody, itemStuck) {
		select {
		case <-r.Context().Done():
		case <-s.stuck:
		}
		return
	}
	if !s.target(w, r, "AmazonSQS.SendMessage", "application/x-amz-json-1.0", sqsLatency) {
		return
	}
	s.mu.Lock()
	if len(s.headers) < maxHeaders {
		s.headers = append(s.headers, r.Header.Get("X-Amzn-Trace-Id"))
	}
	s.mu.Unlock()
	digest := md5.Sum([]byte(in.MessageBody))
	json.NewEncoder(w).Encode(map[string]string{
		"MessageId":        "3a5e2f4c-0000-4000-8000-" + fmt.Sprintf("%012d", s.calls.Load()),
		"MD5OfMessageBody": hex.EncodeToString(digest[:]),
	})
}

// target answers for the AWS JSON protocols: it checks the operation, waits
// and writes the header.
func (s *stubs) target(w http.ResponseWriter, r *http.Request, want, contentType string, latency time.Duration) bool {
	if have := r.Header.Get("X-Amz-Target"); have != want {
		http.Error(w, fmt.Sprintf("the local stub answers %s only, not %q", want, have), http.StatusNotImplemented)
		return false
	}
	if !wait(r.Context(), latency) {
		return false
	}
	w.Header().Set("X-Amzn-Requestid", s.requestID())
	w.Header().Set("Content-Type", contentType)
	return true
}

// price answers with a price, or misbehaves as the item asks.
func (s *stubs) price(w http.ResponseWriter, r *http.Request) {
	item := r.PathValue("item")
	if !wait(r.Context(), priceLatency) {
		return
	}
	if item == itemUnavailable || item == itemFlaky && s.failsFirst(r.URL.Query().Get("order")) {
		http.Error(w, "prices are being updated", http.StatusServiceUnavailable)
		return
	}
	if item == itemNull {
		io.WriteString(w, "null")
		return
	}
	fmt.Fprintf(w, `{"item":%q,"cents":%d}`, item, 100+len(item)*95)
}

// failsFirst reports true once for an order.
func (s *stubs) failsFirst(order string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	first := !s.flaked[order]
	s.flaked[order] = true
	return first
}

// sentHeaders returns the tracing headers of the first n messages sent to SQS,
// filled up with none.
func (s *stubs) sentHeaders(n int) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	headers := make([]string, n)
	copy(headers, s.headers)
	return headers
}

// wait reports whether d passed before ctx was done.
func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
