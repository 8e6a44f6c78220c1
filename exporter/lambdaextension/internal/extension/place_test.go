package extension

import "testing"

// One function span is one subsegment of the platform's, with what the event adds.
func TestFunctionSpan(t *testing.T) {
	b := newBench(t, nil)
	b.Invoke(invoke("1", header))
	if status, answer := b.post(function(invocationID("1")), span("3333333333333333", functionID, 3, "GET", "")); status != 200 || answer != "{}" {
		t.Fatalf("%d %s", status, answer)
	}
	b.Invoke(invoke("2", header))
	b.post(function(invocationID("2")))
	docs := b.documents()
	if len(docs) != 2 {
		t.Fatalf("%d documents", len(docs))
	}
	d := docs[0]
	if d.Type != "subsegment" || d.ParentID != parent || d.Name != "orders" || len(d.Subsegments) != 1 || d.Annotations["ColdStart"] != true || d.AWS["request_id"] != "1" {
		t.Errorf("%+v", d)
	}
	if docs[1].Annotations["ColdStart"] != false {
		t.Errorf("the second invocation: %v", docs[1].Annotations)
	}
}

// The span decides where it belongs when it is here before its event.
func TestSpanBeforeItsEvent(t *testing.T) {
	b := newBench(t, nil)
	b.post(function(invocationID("1")))
	b.Invoke(invoke("1", header))
	b.Invoke(invoke("2", "Root=1-6ae729c0-a006649127e371903a2de900;Parent=1111111111111112;Sampled=1"))
	b.post(function(invocationID("3")))
	for _, d := range b.documents() {
		if d.Type != "subsegment" || d.ParentID != parent || len(d.Links) != 0 {
			t.Errorf("%+v", d)
		}
	}
}

// A function span of another trace than the header's has a segment of its own, linked.
func TestOtherTrace(t *testing.T) {
	b := newBench(t, nil)
	b.Invoke(invoke("1", "Root=1-6ae729c0-a006649127e371903a2de900;Parent=1111111111111112;Sampled=1"))
	b.post(function(invocationID("1")))
	docs := b.documents()
	if len(docs) != 1 || docs[0].Type != "" || docs[0].Origin != "AWS::Lambda::Function" || len(docs[0].Links) != 1 || docs[0].Links[0].ID != "1111111111111112" {
		t.Fatalf("%+v", docs[0])
	}
	if subs := docs[0].Subsegments; len(subs) != 1 || subs[0].Name != "Initialization" {
		t.Errorf("a cold start of one's own has no Initialization: %+v", subs)
	}
}

func TestAnnotations(t *testing.T) {
	b := newBench(t, map[string]string{EnvAnnotations: "tenant, other"})
	b.post(function(`,"attributes":[{"key":"tenant","value":{"stringValue":"a"}}]`))
	if docs := b.documents(); docs[0].Annotations["tenant"] != "a" {
		t.Errorf("%v", docs[0].Annotations)
	}
}
