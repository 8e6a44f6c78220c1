package main

import (
	"fmt"
	"testing"
	"time"

	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

// one returns the one document of an invocation, by its subsegment of the platform's.
func one(t *testing.T, docs []*segment.Document) *segment.Document {
	t.Helper()
	if len(docs) != 1 || docs[0].Type != "subsegment" || docs[0].ParentID != "1111111111111111" {
		t.Fatalf("%d documents: %s", len(docs), names(docs))
	}
	return docs[0]
}

// testLanguage invokes a function of another language n times, each with one document
// before its response that names the invocation and what it calls; then once with an
// error, and once after a freeze.
func testLanguage(t *testing.T, s *sandbox, n int, calls, errorType string) {
	t.Helper()
	for i := range n {
		result, docs := s.invoke(i, "{}", 0)
		if result.FunctionError != "" {
			t.Fatalf("invocation %d: %s", i, result.Payload)
		}
		d := one(t, docs)
		if d.AWS["request_id"] != fmt.Sprintf("request-%d", i) || d.Annotations["ColdStart"] != (i == 0) || names(d.Subsegments) != calls {
			t.Fatalf("invocation %d: %+v calls %s", i, d, names(d.Subsegments))
		}
	}
	result, docs := s.invoke(n, `{"end":"error"}`, 0)
	d := one(t, docs)
	if d.Cause == nil || d.Cause.Exceptions[0].Type != errorType || d.Cause.Exceptions[0].Message != "no such order" || len(d.Cause.Exceptions[0].Stack) == 0 {
		t.Errorf("%+v", d)
	}
	s.freeze(result, 0)
	_, docs = s.invoke(n+1, "{}", 0)
	one(t, docs)
	s.end("spindown")
	if log := s.log.String(); log != "" {
		t.Errorf("log:\n%s", log)
	}
}

// testKilled has a function of another language killed: the invocation shows.
func testKilled(t *testing.T, start func(t *testing.T) *sandbox) {
	for end, reason := range map[string]string{"hang": "timeout", "exit": "failure"} {
		t.Run(end, func(t *testing.T) {
			s := start(t)
			s.invoke(0, "{}", 0)
			if result, docs := s.invoke(1, `{"end":"`+end+`"}`, 3*time.Second); result.FunctionError == "" || len(docs) != 0 {
				t.Fatalf("%s, %d documents", result.Payload, len(docs))
			}
			before := len(s.daemon.Datagrams())
			s.end(reason)
			if d := functionDocument(t, s.since(before, time.Time{})); !d.Fault || d.AWS["request_id"] != "request-1" {
				t.Errorf("%+v", d)
			}
		})
	}
}
