package xray

import (
	"bytes"
	"compress/flate"
	"io"
	"sync"
)

// rawLog keeps documents as they came, compressed in chunks: JSON of traces shrinks
// to about a seventh, and the garbage collector has nothing to look at in it.
//
// Not safe for concurrent use, but for rawRef.read.
type rawLog struct {
	open *chunk
	pack *flate.Writer
}

// chunkSize is how many bytes of documents a chunk holds: opening one takes about
// 0.2 ms, and a chunk is kept as long as any of its documents.
const chunkSize = 64 << 10

// chunk is a run of documents. It is plain as long as it grows.
type chunk struct {
	mu     sync.Mutex
	plain  []byte
	packed []byte // compressed; nil while the chunk grows
}

// rawRef says where a document lies.
type rawRef struct {
	chunk      *chunk
	start, end int32
}

func (r rawRef) size() int { return int(r.end - r.start) }

// add keeps a document.
func (l *rawLog) add(doc []byte) rawRef {
	if l.open != nil && len(l.open.plain)+len(doc) > chunkSize && len(l.open.plain) > 0 {
		l.seal()
	}
	if l.open == nil {
		l.open = &chunk{plain: make([]byte, 0, max(chunkSize, len(doc)))}
	}
	c := l.open
	c.mu.Lock()
	defer c.mu.Unlock()
	start := int32(len(c.plain))
	c.plain = append(c.plain, doc...)
	return rawRef{c, start, int32(len(c.plain))}
}

// seal compresses the open chunk.
func (l *rawLog) seal() {
	c := l.open
	l.open = nil
	var out bytes.Buffer
	if l.pack == nil {
		l.pack, _ = flate.NewWriter(&out, flate.BestSpeed) // the level is valid
	} else {
		l.pack.Reset(&out)
	}
	_, _ = l.pack.Write(c.plain) // a buffer takes everything
	_ = l.pack.Close()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.packed, c.plain = bytes.Clone(out.Bytes()), nil
}

// reader opens chunks, and keeps the last one open.
type reader struct {
	last  *chunk
	plain []byte
}

// read returns the document. It may be kept.
func (r *reader) read(ref rawRef) []byte {
	c := ref.chunk
	c.mu.Lock()
	packed := c.packed
	if packed == nil {
		defer c.mu.Unlock()
		return bytes.Clone(c.plain[ref.start:ref.end])
	}
	c.mu.Unlock()
	if r.last != c {
		plain, err := io.ReadAll(flate.NewReader(bytes.NewReader(packed)))
		if err != nil {
			return nil // cannot happen: we have written it
		}
		r.last, r.plain = c, plain
	}
	return bytes.Clone(r.plain[ref.start:ref.end])
}
