package mapping

import (
	"testing"

	"go.opentelemetry.io/otel/attribute"
)

// What is not as awsxrayreceiver has it stays an attribute of the event.
func TestSaidOnlyAsTheReceiverSays(t *testing.T) {
	for _, c := range []struct {
		kv   attribute.KeyValue
		want bool
	}{
		{attribute.String("aws.xray.exception.id", "0123456789abcdef"), true},
		{attribute.String("aws.xray.exception.id", "0123456789ABCDEF"), false},
		{attribute.String("aws.xray.exception.cause", "0123456789abcde"), false},
		{attribute.Int("aws.xray.exception.cause", 1), false},
		{attribute.Bool("aws.xray.exception.remote", false), true},
		{attribute.String("aws.xray.exception.remote", "true"), false},
		{attribute.Int("aws.xray.exception.truncated", 3), true},
		{attribute.Int("aws.xray.exception.truncated", -3), false},
		{attribute.Float64("aws.xray.exception.skipped", 3), false},
		{attribute.Int("aws.xray.exception.other", 3), false},
		{attribute.Int("xray.exception.skipped", 3), false},
	} {
		var x saidException
		if got := x.read(&c.kv); got != c.want || !got && x != (saidException{}) && c.kv.Key != "aws.xray.exception.remote" {
			t.Errorf("%s %s: %v, %+v", c.kv.Key, c.kv.Value.String(), got, x)
		}
	}
}

// Without an id the cause holds none of it, and the event keeps it all.
func TestSaidNeedsAnID(t *testing.T) {
	remote := attribute.Bool("aws.xray.exception.remote", true)
	for _, c := range []struct {
		name  string
		attrs []attribute.KeyValue
		want  bool
	}{
		{"exception", []attribute.KeyValue{remote, attribute.String("aws.xray.exception.id", "0123456789abcdef")}, true},
		{"exception", []attribute.KeyValue{remote, attribute.String("aws.xray.exception.id", "7")}, false},
		{"exception", []attribute.KeyValue{remote}, false},
		{"other", []attribute.KeyValue{remote, attribute.String("aws.xray.exception.id", "0123456789abcdef")}, false},
	} {
		if got := heldOf(&Event{Name: c.name, Attributes: c.attrs}).has(&remote); got != c.want {
			t.Errorf("%s %v: held %v, want %v", c.name, c.attrs, got, c.want)
		}
	}
}
