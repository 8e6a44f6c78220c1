package xrayapi

import (
	"bytes"
	"context"
	"slices"
	"sync"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/xray"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// body writes the body of a call. The SDK would have every document as a string,
// quote it rune by rune into a buffer that grows from nothing, and leave both to
// the garbage collector: half the time of a call. The rest of the request
// (operation, endpoint, headers, signature) stays the SDK's.
type body struct {
	text   []byte
	reader bytes.Reader
}

var bodies = sync.Pool{New: func() any { return new(body) }}

// maxPooledBody bounds the memory that a body keeps for the next call, in bytes.
const maxPooledBody = 4 << 20

// What a body has around its documents.
const (
	bodyOpen  = `{"TraceSegmentDocuments":[`
	bodyClose = `]}`
)

func newBody(docs [][]byte, pending []int) *body {
	b := bodies.Get().(*body)
	b.text = append(b.text[:0], bodyOpen...)
	for i, d := range pending {
		if i > 0 {
			b.text = append(b.text, ',')
		}
		b.text = appendQuoted(b.text, docs[d])
	}
	b.text = append(b.text, bodyClose...)
	return b
}

// free gives b back. The SDK lets go of a request's stream before a call
// returns, even if the transport has not read all of it.
func (b *body) free() {
	if cap(b.text) <= maxPooledBody {
		bodies.Put(b)
	}
}

// option puts b in the place of what the SDK writes for the input.
func (b *body) option(o *xray.Options) {
	o.APIOptions = append(o.APIOptions[:len(o.APIOptions):len(o.APIOptions)], func(s *middleware.Stack) error {
		return s.Serialize.Add(b, middleware.After)
	})
}

// ID names b among the SDK's middleware.
func (b *body) ID() string { return "lambdaxray:TraceSegmentDocuments" }

// HandleSerialize sets the stream of the request, after the SDK has made it.
func (b *body) HandleSerialize(ctx context.Context, in middleware.SerializeInput, next middleware.SerializeHandler) (
	middleware.SerializeOutput, middleware.Metadata, error,
) {
	b.reader.Reset(b.text)
	request, err := in.Request.(*smithyhttp.Request).SetStream(&b.reader)
	if err != nil {
		return middleware.SerializeOutput{}, middleware.Metadata{}, err
	}
	in.Request = request
	return next.HandleSerialize(ctx, in)
}

// appendQuoted writes doc as a JSON string. What is not UTF-8 in it becomes the
// replacement character: one such document must not spoil the call.
func appendQuoted(dst, doc []byte) []byte {
	if !utf8.Valid(doc) {
		doc = bytes.ToValidUTF8(doc, []byte("\uFFFD"))
	}
	dst = slices.Grow(dst, len(doc)+len(doc)/4+2)
	dst = append(dst, '"')
	start := 0
	for i, c := range doc {
		if plain[c] {
			continue
		}
		dst = append(dst, doc[start:i]...)
		start = i + 1
		if c < ' ' {
			const digits = "0123456789abcdef"
			dst = append(dst, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
		} else {
			dst = append(dst, '\\', c)
		}
	}
	dst = append(dst, doc[start:]...)
	return append(dst, '"')
}

// plain are the bytes that a JSON string has as they are.
var plain = func() (t [256]bool) {
	for c := range t {
		t[c] = c >= ' ' && c != '"' && c != '\\'
	}
	return t
}()
