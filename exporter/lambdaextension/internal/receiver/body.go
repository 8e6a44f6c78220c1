package receiver

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"log"
	"slices"
	"sync"
)

// maxBody is how many bytes a request may have, compressed or not.
const maxBody = 64 << 20

// keepBody is the largest buffer that is used again, and made on a guess.
const keepBody = 1 << 20

var errTooLarge = fmt.Errorf("the request has more than %d bytes", maxBody)

var discard = log.New(io.Discard, "", 0)

// body is a request's bytes, in memory that is used again.
type body struct {
	raw, plain []byte
	from       int // of raw
	inflated   bool
	zip        *gzip.Reader // nil: not yet used
	source     source
	kept       bool
}

var bodies = sync.Pool{New: func() any { return new(body) }}

func newBody() *body { return bodies.Get().(*body) }

// free gives the memory back, unless someone keeps it.
func (b *body) free() {
	b.source = source{}
	if b.kept || cap(b.raw) > keepBody || cap(b.plain) > keepBody {
		return
	}
	b.raw, b.plain, b.from, b.inflated = b.raw[:0], b.plain[:0], 0, false
	bodies.Put(b)
}

func (b *body) forget() { b.kept = true }

func (b *body) bytes() []byte {
	if b.inflated {
		return b.plain
	}
	return b.raw[b.from:]
}

// read reads all of r. length is what is announced, -1 if it is not known. Of what is
// too large the rest goes nowhere: a client that is still sending would not see the
// answer, but a connection that breaks, and try again.
func (b *body) read(r io.Reader, length int64) (err error) {
	if length <= maxBody {
		b.raw, err = readAll(b.raw[:0], r, int(max(length, 0)))
	} else {
		err = errTooLarge
	}
	if errors.Is(err, errTooLarge) {
		_, _ = io.CopyN(io.Discard, r, 16*maxBody) // what has no end is nobody's spans
	}
	return err
}

// inflate takes data for gzip.
func (b *body) inflate(data []byte) (err error) {
	b.source = source{data: data}
	if b.zip == nil {
		b.zip, err = gzip.NewReader(&b.source)
	} else {
		err = b.zip.Reset(&b.source)
	}
	if err == nil {
		b.plain, err = readAll(b.plain[:0], b.zip, min(4*len(data), keepBody))
		b.inflated = true
	}
	if err != nil && !errors.Is(err, errTooLarge) {
		err = fmt.Errorf("gzip: %w", err)
	}
	return err
}

// readAll appends all of r to dst, which has room for one byte more than is expected,
// to see the end.
func readAll(dst []byte, r io.Reader, expected int) ([]byte, error) {
	dst = slices.Grow(dst, max(expected, 511)+1)
	for {
		n, err := r.Read(dst[len(dst):cap(dst)])
		dst = dst[:len(dst)+n]
		switch {
		case len(dst) > maxBody:
			return dst, errTooLarge
		case err == io.EOF:
			return dst, nil
		case err != nil:
			return dst, err
		}
		if len(dst) == cap(dst) {
			dst = slices.Grow(dst, min(len(dst), maxBody+1-len(dst)))
		}
	}
}

// source is a bytes.Reader of which gzip needs no copy.
type source struct {
	data []byte
	at   int
}

func (s *source) Read(p []byte) (int, error) {
	if s.at == len(s.data) {
		return 0, io.EOF
	}
	n := copy(p, s.data[s.at:])
	s.at += n
	return n, nil
}

func (s *source) ReadByte() (byte, error) {
	if s.at == len(s.data) {
		return 0, io.EOF
	}
	s.at++
	return s.data[s.at-1], nil
}
