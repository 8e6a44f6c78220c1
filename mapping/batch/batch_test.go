package batch

import (
	"errors"
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
	c.Put([]byte("just"), 1)
	if _, ok := c.Get([]byte("just")); !ok {
		t.Error("an entry with a key of just the limit was not kept")
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

// A large batch is not kept, whatever makes it large.
func TestPutLetsGoOfMuch(t *testing.T) {
	for name, grow := range map[string]func(*Batch){
		"spans":      func(b *Batch) { b.Spans = make([]mapping.Span, keepSpans+1) },
		"attributes": func(b *Batch) { b.Attributes = make([]attribute.KeyValue, 32*keepSpans+1) },
		"events":     func(b *Batch) { b.Events = make([]mapping.Event, 4*keepSpans+1) },
		"links":      func(b *Batch) { b.Links = make([]mapping.Link, 4*keepSpans+1) },
		"key":        func(b *Batch) { b.Key = make([]byte, keepText+1) },
		"text":       func(b *Batch) { b.Text = make([]byte, keepText+1) },
		"documents":  func(b *Batch) { b.Docs = [][]byte{make([]byte, keepDocBytes)} },
	} {
		p := NewPool()
		large := p.Get()
		grow(large)
		p.Put(large)
		if p.Get() == large {
			t.Errorf("a batch of many %s is kept", name)
		}
	}
}

// A resource is made once of equal bytes, in the way the pool is told; one that cannot
// be read is not remembered.
func TestResource(t *testing.T) {
	shop := func() ([]attribute.KeyValue, error) {
		return []attribute.KeyValue{attribute.String("service.name", "shop")}, nil
	}
	bad := func() ([]attribute.KeyValue, error) { return nil, errors.New("no resource") }
	p := NewPool()
	if res, err := p.Resource([]byte("a"), bad); res != nil || err == nil {
		t.Errorf("%v, %v of what cannot be read", res, err)
	}
	first, err := p.Resource([]byte("a"), shop)
	if err != nil || first.SegmentName() != "shop" {
		t.Fatalf("%v, %v", first, err)
	}
	if again, err := p.Resource([]byte("a"), bad); again != first || err != nil {
		t.Errorf("%p, %v; want %p again", again, err, first)
	}
	p.MakeResource = func(attrs []attribute.KeyValue) *mapping.Resource {
		return mapping.NewResource(append(attrs, attribute.String("faas.name", "orders")))
	}
	if res, err := p.Resource([]byte("b"), shop); err != nil || res.SegmentName() != "orders" {
		t.Errorf("%v, %v", res, err)
	}
}

func TestList(t *testing.T) {
	text, number := attribute.StringValue("a"), attribute.Int64Value(1)
	for _, c := range []struct {
		elements []attribute.Value
		want     attribute.Value
	}{
		{nil, attribute.SliceValue()},
		{[]attribute.Value{text, text}, attribute.StringSliceValue([]string{"a", "a"})},
		{[]attribute.Value{number}, attribute.Int64SliceValue([]int64{1})},
		{[]attribute.Value{attribute.BoolValue(true)}, attribute.BoolSliceValue([]bool{true})},
		{[]attribute.Value{attribute.Float64Value(0.5)}, attribute.Float64SliceValue([]float64{0.5})},
		{[]attribute.Value{text, number}, attribute.SliceValue(text, number)},
		{[]attribute.Value{{}, {}}, attribute.SliceValue(attribute.Value{}, attribute.Value{})},
	} {
		if got := List(c.elements); got.Type() != c.want.Type() || got.String() != c.want.String() {
			t.Errorf("%v: %v %s, want %v %s", c.elements, got.Type(), got.String(), c.want.Type(), c.want.String())
		}
	}
}
