package batch

import (
	"fmt"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/mapping"
)

func TestParentOrigin(t *testing.T) {
	for flags, want := range map[uint32]mapping.ParentOrigin{
		0x000: mapping.ParentUnknown,
		0x001: mapping.ParentUnknown,
		0x200: mapping.ParentUnknown, // is-remote without has-remote says nothing
		0x100: mapping.ParentLocal,
		0x301: mapping.ParentRemote,
	} {
		if got := ParentOrigin(flags); got != want {
			t.Errorf("flags %#x: %v, want %v", flags, got, want)
		}
	}
}

func TestCacheIsBounded(t *testing.T) {
	c := Cache[int]{MaxEntries: 3, MaxKey: 4}
	for i := range 100 {
		c.Put(fmt.Append(nil, i), i)
		if len(c.entries) > 3 {
			t.Fatalf("%d entries, want at most 3", len(c.entries))
		}
		if got, ok := c.Get(fmt.Append(nil, i)); !ok || got != i {
			t.Fatalf("entry %d is %d, %v", i, got, ok)
		}
	}
	c.Put([]byte("too long"), 1)
	if _, ok := c.Get([]byte("too long")); ok {
		t.Error("an entry with a long key was kept")
	}
}

func TestEnumsOfTheFuture(t *testing.T) {
	for _, n := range []int32{-1, 6, 1 << 30} {
		if Kind(n) != trace.SpanKindUnspecified || Status(n) != codes.Unset {
			t.Errorf("%d is kind %v, status %v", n, Kind(n), Status(n))
		}
	}
}

func TestNanosecondsBeyondInt64(t *testing.T) {
	if got := Nanoseconds(1 << 63); got != 1<<63-1 {
		t.Errorf("%d", got)
	}
}

// A part keeps its elements when more is appended to the whole.
func TestSince(t *testing.T) {
	all := make([]int, 1, 8)
	all = append(all, 1, 2)
	part := Since(all, 1)
	_ = append(part, 7)
	if all = append(all, 3); all[3] != 3 || len(part) != 2 {
		t.Errorf("%v of %v", part, all)
	}
}

// A large batch is not kept.
func TestPutLetsGoOfMuch(t *testing.T) {
	p := NewPool()
	b := p.Get()
	b.Attributes = make([]attribute.KeyValue, 32*keepSpans+1)
	p.Put(b)
	if got := p.Get(); cap(got.Attributes) != 0 {
		t.Errorf("a batch of %d attributes is kept", cap(got.Attributes))
	}
}
