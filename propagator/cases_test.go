package propagator_test

import (
	"strings"

	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/propagator"
)

const (
	root   = "Root=1-5759e988-bd862e3fe1be46a994272793"
	parent = "Parent=53995c3f42cd8ad8"
)

var (
	traceID = trace.TraceID{0x57, 0x59, 0xe9, 0x88, 0xbd, 0x86, 0x2e, 0x3f, 0xe1, 0xbe, 0x46, 0xa9, 0x94, 0x27, 0x27, 0x93}
	spanID  = trace.SpanID{0x53, 0x99, 0x5c, 0x3f, 0x42, 0xcd, 0x8a, 0xd8}
)

// headerCases are tracing headers that parse. The unit test, the round trip through
// net/http, the comparison with contrib, the fuzz seeds and the benchmarks use them.
var headerCases = []struct {
	name    string
	in      string
	parent  trace.SpanID
	sampled propagator.Sampling
	lineage string
	out     string // what goes out if nothing else happens
}{
	{
		name: "active tracing", in: root + ";" + parent + ";Sampled=1;Lineage=a87bd80c:1|68fd508a:5|c512fbe3:2",
		parent: spanID, sampled: propagator.SamplingYes, lineage: "a87bd80c:1|68fd508a:5|c512fbe3:2",
		out: root + ";" + parent + ";Sampled=1;Lineage=a87bd80c:1|68fd508a:5|c512fbe3:2",
	},
	{
		name: "not sampled", in: root + ";" + parent + ";Sampled=0",
		parent: spanID, sampled: propagator.SamplingNo,
		out: root + ";" + parent + ";Sampled=0",
	},
	{
		name: "decision requested", in: root + ";" + parent + ";Sampled=?",
		parent: spanID, sampled: propagator.SamplingRequested,
		out: root + ";" + parent + ";Sampled=?",
	},
	{
		name: "no decision", in: root + ";" + parent,
		parent: spanID,
		out:    root + ";" + parent + ";Sampled=?",
	},
	{
		name: "decision that nobody defined", in: root + ";" + parent + ";Sampled=yes",
		parent: spanID,
		out:    root + ";" + parent + ";Sampled=?",
	},
	{
		name: "decision without parent", in: root + ";Sampled=1",
		sampled: propagator.SamplingYes,
		out:     root,
	},
	{name: "root only", in: root, out: root},
	{
		name: "pass-through", in: root + ";Lineage=a87bd80c:1",
		lineage: "a87bd80c:1",
		out:     root + ";Lineage=a87bd80c:1",
	},
	{
		name: "load balancer", in: "Self=1-67891234-12456789abcdef012345678;" + root,
		out: root,
	},
	{
		name: "load balancer in front of a load balancer", in: "Self=1-67891234-12456789abcdef012345678;" + root + ";Parent=;Sampled=0;k=v",
		sampled: propagator.SamplingNo,
		out:     root + ";k=v",
	},
	{
		name: "parent of blanks", in: root + ";Parent= ;Sampled=1",
		sampled: propagator.SamplingYes,
		out:     root,
	},
	{
		name: "empty parent before the parent", in: root + ";Parent=;" + parent + ";Sampled=1",
		parent: spanID, sampled: propagator.SamplingYes,
		out: root + ";" + parent + ";Sampled=1",
	},
	{
		name: "any order", in: "Sampled=1;Lineage=a87bd80c:1;" + parent + ";" + root,
		parent: spanID, sampled: propagator.SamplingYes, lineage: "a87bd80c:1",
		out: root + ";" + parent + ";Sampled=1;Lineage=a87bd80c:1",
	},
	{
		name: "spaces", in: " Root = 1-5759e988-bd862e3fe1be46a994272793 ; " + parent + ";\tSampled=1 ; Lineage = a87bd80c:1 ; k=v ",
		parent: spanID, sampled: propagator.SamplingYes, lineage: "a87bd80c:1",
		out: root + ";" + parent + ";Sampled=1;Lineage = a87bd80c:1;k=v",
	},
	{
		name: "a space between other fields", in: root + ";Lineage=a87bd80c:1; k=v",
		lineage: "a87bd80c:1",
		out:     root + ";Lineage=a87bd80c:1;k=v",
	},
	{
		name: "unknown keys around", in: "a=1;" + root + ";b=2=3;" + parent + ";c;Sampled=1;=d;;",
		parent: spanID, sampled: propagator.SamplingYes,
		out: root + ";" + parent + ";Sampled=1;a=1;b=2=3;c;=d",
	},
	{
		name: "keys that begin like known ones", in: root + ";" + parent + ";Sampled=1;RootX=1-00000000-000000000000000000000001;Parents=0000000000000001;SampledBy=rule",
		parent: spanID, sampled: propagator.SamplingYes,
		out: root + ";" + parent + ";Sampled=1;RootX=1-00000000-000000000000000000000001;Parents=0000000000000001;SampledBy=rule",
	},
	{
		name: "repeated", in: "Root=1-00000000-000000000000000000000001;" + root + ";Sampled=0;" + parent + ";Sampled=1",
		parent: spanID, sampled: propagator.SamplingYes,
		out: root + ";" + parent + ";Sampled=1",
	},
	{
		name: "upper case hex", in: "Root=1-5759E988-BD862E3FE1BE46A994272793;Parent=53995C3F42CD8AD8;Sampled=1",
		parent: spanID, sampled: propagator.SamplingYes,
		out: root + ";" + parent + ";Sampled=1",
	},
	{
		name: "fields no header may carry", in: root + ";" + parent + ";Sampled=1;a=1\r\nX-Evil: 1;b=ü;c=3",
		parent: spanID, sampled: propagator.SamplingYes,
		out: root + ";" + parent + ";Sampled=1;c=3",
	},
	{
		name: "256 characters fit", in: root + ";" + parent + ";Sampled=1;k=" + strings.Repeat("x", 179),
		parent: spanID, sampled: propagator.SamplingYes,
		out: root + ";" + parent + ";Sampled=1;k=" + strings.Repeat("x", 179),
	},
	{
		name:   "unknown keys give way from the end, Lineage stays",
		in:     root + ";" + parent + ";Sampled=1;a=1;k=" + strings.Repeat("x", 180) + ";b=2;Lineage=a87bd80c:1",
		parent: spanID, sampled: propagator.SamplingYes, lineage: "a87bd80c:1",
		out: root + ";" + parent + ";Sampled=1;a=1;Lineage=a87bd80c:1",
	},
	{
		name:   "unknown keys and Lineage fill 256 characters",
		in:     "k=" + strings.Repeat("x", 163) + ";" + root + ";" + parent + ";Sampled=1;a=1;Lineage=a:1;b=2",
		parent: spanID, sampled: propagator.SamplingYes, lineage: "a:1",
		out: root + ";" + parent + ";Sampled=1;k=" + strings.Repeat("x", 163) + ";a=1;Lineage=a:1",
	},
	{
		name:   "one character more",
		in:     "k=" + strings.Repeat("x", 164) + ";" + root + ";" + parent + ";Sampled=1;a=1;Lineage=a:1;b=2",
		parent: spanID, sampled: propagator.SamplingYes, lineage: "a:1",
		out: root + ";" + parent + ";Sampled=1;k=" + strings.Repeat("x", 164) + ";Lineage=a:1",
	},
	{
		name: "unknown keys apart by a blank", in: root + ";a=1; b=2;c= 3\t4~",
		out: root + ";a=1;b=2;c= 3\t4~",
	},
	{
		name: "unknown keys around one known", in: "a=1;" + root + ";b=2",
		out: root + ";a=1;b=2",
	},
	{
		name:   "Lineage alone fills 256 characters",
		in:     "a=1;" + root + ";" + parent + ";Sampled=1;Lineage=" + strings.Repeat("x", 173),
		parent: spanID, sampled: propagator.SamplingYes, lineage: strings.Repeat("x", 173),
		out: root + ";" + parent + ";Sampled=1;Lineage=" + strings.Repeat("x", 173),
	},
	{
		name: "empty fields", in: ";;" + root + ";;" + parent + "; ;Sampled=1;",
		parent: spanID, sampled: propagator.SamplingYes,
		out: root + ";" + parent + ";Sampled=1",
	},
	{
		name:   "a Lineage that cannot fit gives way last",
		in:     root + ";" + parent + ";Sampled=1;a=1;Lineage=" + strings.Repeat("x", 180),
		parent: spanID, sampled: propagator.SamplingYes,
		out: root + ";" + parent + ";Sampled=1;a=1",
	},
}
