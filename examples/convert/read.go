package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/lambdaxray/lambdaxray/mapping"
	"github.com/lambdaxray/lambdaxray/mapping/otlpjson"
)

// read returns the spans of the file name, or of in if name is -. An error names
// the file, and what to do where that is known; there may be spans beside it.
func read(name string, in io.Reader) ([]mapping.Span, error) {
	var data []byte
	var err error
	if name == "-" {
		name = "standard input"
		data, err = io.ReadAll(in)
	} else {
		data, err = readFile(name)
	}
	if err != nil {
		return nil, named(name, err)
	}
	// An editor's byte order mark.
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	spans, err := otlpjson.Unmarshal(data)
	if len(spans) == 0 {
		err = errors.Join(err, hint(data))
	}
	return spans, named(name, err)
}

// named puts name before each line of err.
func named(name string, err error) error {
	if err == nil {
		return nil
	}
	var errs []error
	for line := range strings.Lines(err.Error()) {
		errs = append(errs, fmt.Errorf("%s: %s", name, strings.TrimSuffix(line, "\n")))
	}
	return errors.Join(errs...)
}

func readFile(name string) ([]byte, error) {
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, errors.New("no such file; convert - reads standard input")
	case err == nil && info.IsDir():
		return nil, errors.New("is a directory; name the files in it")
	}
	data, err := os.ReadFile(name)
	if pathErr, ok := errors.AsType[*fs.PathError](err); ok {
		err = pathErr.Err // the name is said already
	}
	return data, err
}

// formats are what files of spans may be besides OTLP JSON, by what they have in
// them. The first that fits counts.
var formats = []struct {
	is   func([]byte) bool
	hint string
}{
	{empty, "it is empty; want OTLP JSON"},
	{begins("\x1f\x8b"), "it is compressed by gzip: gunzip -c FILE | convert"},
	{begins("\x28\xb5\x2f\xfd"), "it is compressed by zstd: zstd -dc FILE | convert"},
	{begins("\xff\xfe"), "it is UTF-16; want UTF-8: iconv -f UTF-16 -t UTF-8 FILE | convert"},
	{begins("\xfe\xff"), "it is UTF-16; want UTF-8: iconv -f UTF-16 -t UTF-8 FILE | convert"},
	{binary, "it is no text, protobuf perhaps; want OTLP JSON (of the Collector's file exporter: format: json)"},
	{has(`"instrumentationLibrarySpans"`), "it is of an OTLP before 1.0; rename: sed s/instrumentationLibrarySpans/scopeSpans/ FILE | convert"},
	{all(begins("["), has(`"resourceSpans"`)), "it is a list; want its elements one after the other: jq -c '.[]' FILE | convert"},
	{has(`"result"`, `"resourceSpans"`), "it is an answer of Jaeger's API; want what is in it: jq .result FILE | convert"},
	{has(`"trace"`, `"resourceSpans"`), "it is an answer of Tempo's API; want what is in it: jq .trace FILE | convert"},
	{has(`"batches"`, `"scopeSpans"`), "it is an answer of Tempo's API; want what is in it by another name: jq '{resourceSpans: .batches}' FILE | convert"},
	{has(`"resource_spans"`), "its names are protobuf's; want OTLP JSON: resourceSpans, scopeSpans, traceId"},
	{has(`"resourceLogs"`), "it has logs; want OTLP JSON with resourceSpans"},
	{has(`"resourceMetrics"`), "it has metrics; want OTLP JSON with resourceSpans"},
	{has(`"traceID"`, `"operationName"`), "it is Jaeger's own JSON; want OTLP JSON, which is in the answers of its /api/v3/traces"},
	{has(`"traceId"`, `"localEndpoint"`), "it is Zipkin's JSON; want OTLP JSON, which a Collector with zipkin receiver and file exporter makes of it"},
	{has(`"trace_id"`, `"context"`), "it is what an SDK's console exporter prints; want OTLP JSON, which a Collector's file exporter writes"},
	{has(`"trace_id"`, `"start_time"`), "it has segment documents, which is what convert writes; want OTLP JSON with resourceSpans"},
	{has(`"Segments"`, `"Document"`), "it has segment documents, which is what convert writes; want OTLP JSON with resourceSpans"},
	{has(`{`), "want OTLP JSON with resourceSpans, in them scopeSpans, in them spans"},
}

// hint says of data that has no spans what it may be and what to do.
func hint(data []byte) error {
	for _, f := range formats {
		if f.is(data) {
			return fmt.Errorf("no spans: %s", f.hint)
		}
	}
	return nil
}

func empty(data []byte) bool { return len(bytes.TrimSpace(data)) == 0 }

func begins(prefix string) func([]byte) bool {
	return func(data []byte) bool { return strings.HasPrefix(string(data[:min(len(data), 4)]), prefix) }
}

// binary holds for data that begins with control characters no text has.
func binary(data []byte) bool {
	return bytes.ContainsFunc(data[:min(len(data), 64)], func(r rune) bool {
		return r < ' ' && r != '\t' && r != '\n' && r != '\r'
	})
}

func all(conditions ...func([]byte) bool) func([]byte) bool {
	return func(data []byte) bool {
		for _, is := range conditions {
			if !is(data) {
				return false
			}
		}
		return true
	}
}

func has(all ...string) func([]byte) bool {
	return func(data []byte) bool {
		for _, s := range all {
			if !bytes.Contains(data, []byte(s)) {
				return false
			}
		}
		return true
	}
}
