package lambda

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// What was written is there after drain, whatever it looks like, and no mark with it.
func TestOutput(t *testing.T) {
	var got bytes.Buffer
	o, err := newOutput(&got)
	if err != nil {
		t.Fatal(err)
	}
	var want strings.Builder
	for i := range 300 {
		text := fmt.Sprintln("line", i, strings.Repeat("x", i*17), string(o.mark[:i%len(o.mark)]))
		want.WriteString(text)
		if _, err := o.write.WriteString(text); err != nil {
			t.Fatal(err)
		}
		if i%3 == 0 {
			o.drain()
			if have := got.String(); have != want.String() {
				t.Fatalf("after %d lines: %d bytes, want %d", i, len(have), want.Len())
			}
		}
	}
	_, _ = o.write.Write(o.mark[:5])
	o.close()
	o.drain() // no harm
	if have := got.String(); have != want.String()+string(o.mark[:5]) {
		t.Errorf("%d bytes, want %d", len(have), want.Len()+5)
	}
}
