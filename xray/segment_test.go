package xray

import (
	"context"
	"errors"
	"testing"
)

func TestSegmentFields(t *testing.T) {
	f := start(t)
	ctx, seg := BeginSegment(context.Background(), "orders")
	if seg.TraceID == "" || seg.ID == "" || seg.StartTime == 0 || !seg.Sampled || !seg.InProgress || seg.Dummy {
		t.Errorf("not filled at the start: %+v", seg)
	}
	if got := TraceID(ctx); got != seg.TraceID {
		t.Errorf("TraceID is %q, want %q", got, seg.TraceID)
	}
	sctx, sub := BeginSubsegment(ctx, "price")
	if sub.ParentID != seg.ID || sub.TraceID != seg.TraceID || sub.ParentSegment != seg {
		t.Errorf("subsegment %+v of %+v", sub, seg)
	}
	if GetSegment(sctx) != sub || sctx.Value(ContextKey) != sub {
		t.Error("the context has another segment")
	}
	if err := AddAnnotation(sctx, "tier", "gold"); err != nil {
		t.Error(err)
	}
	if err := AddAnnotation(sctx, "count", 3); err != nil {
		t.Error(err)
	}
	if err := AddAnnotation(sctx, "bad", []int{1}); err == nil {
		t.Error("an annotation of a list was taken")
	}
	if err := AddMetadata(sctx, "cause", errors.New("no stock")); err != nil {
		t.Error(err)
	}
	if err := AddMetadataToNamespace(sctx, "shop", "cart", map[string]int{"apples": 2}); err != nil {
		t.Error(err)
	}
	sub.Throttle = true
	sub.Close(errors.New("boom"))
	seg.User = "ada"
	seg.Error = true
	seg.Close(nil)

	d := f.document()
	if d.Name != "orders" || d.Type != "" || d.ParentID != "" || d.User != "ada" || !d.Error || d.Fault {
		t.Errorf("segment %+v", d)
	}
	if d.TraceID != seg.TraceID || d.ID != seg.ID {
		t.Errorf("ids %q %q, want %q %q", d.TraceID, d.ID, seg.TraceID, seg.ID)
	}
	c := d.child(t, "price")
	if !c.Fault || !c.Throttle || c.ID != sub.ID || c.Namespace != "" {
		t.Errorf("subsegment %+v", c)
	}
	if c.Annotations["tier"] != "gold" || c.Annotations["count"] != 3.0 {
		t.Errorf("annotations %v", c.Annotations)
	}
	if c.Metadata["default"]["cause"] != "no stock" {
		t.Errorf("metadata %v", c.Metadata)
	}
	if m, _ := c.Metadata["shop"]["cart"].(map[string]any); m["apples"] != 2.0 {
		t.Errorf("metadata %v", c.Metadata)
	}
	x := c.Cause.Exceptions[0]
	if x.Type != "errors.errorString" || x.Message != "boom" || len(x.Stack) == 0 || x.Stack[0].Label != "TestSegmentFields" {
		t.Errorf("exception %+v", x)
	}
}
