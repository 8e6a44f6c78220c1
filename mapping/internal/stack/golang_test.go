package stack

import "testing"

const goRecordError = `goroutine 34 [running]:
runtime/debug.Stack()
	/usr/local/go/src/runtime/debug/stack.go:26 +0x5e
go.opentelemetry.io/otel/sdk/trace.recordStackTrace()
	/go/pkg/mod/go.opentelemetry.io/otel/sdk@v1.45.0/trace/span.go:612 +0x25
go.opentelemetry.io/otel/sdk/trace.(*recordingSpan).RecordError(0xc0001d2000, {0x9d0e40, 0xc00009c0a0}, {0xc00007fb98, 0x1, 0x1})
	/go/pkg/mod/go.opentelemetry.io/otel/sdk@v1.45.0/trace/span.go:521 +0x2ba
main.(*handler).price(0xc0000b4000, {0x9d3e58, 0xc0000b2030}, {0xc0000a6018, 0x8})
	/var/task/main.go:87 +0x1d3
main.(*handler).handle(0xc0000b4000, {0x9d3e58, 0xc0000b2030}, {0x0, 0x0})
	/var/task/main.go:41 +0x8c
created by github.com/aws/aws-lambda-go/lambda.startRuntimeAPILoop in goroutine 1
	/go/pkg/mod/github.com/aws/aws-lambda-go@v1.50.0/lambda/invoke_loop.go:57 +0xa5
`

var goStacks = []stackCase{
	{
		name: "RecordError with a stack", typ: "T", message: "m", text: goRecordError,
		want: []wantException{{typ: "T", message: "m", frames: []Frame{
			{"/var/task/main.go", "main.(*handler).price", 87},
			{"/var/task/main.go", "main.(*handler).handle", 41},
			{"/go/pkg/mod/github.com/aws/aws-lambda-go@v1.50.0/lambda/invoke_loop.go", "github.com/aws/aws-lambda-go/lambda.startRuntimeAPILoop", 57},
		}}},
	},
	{
		name: "panic recovered by the front door",
		text: `goroutine 1 [running]:
runtime/debug.Stack()
	/usr/local/go/src/runtime/debug/stack.go:26 +0x5e
github.com/lambdaxray/lambdaxray.(*handler).recordPanic(0xc000012345)
	/go/pkg/mod/github.com/lambdaxray/lambdaxray@v1.0.0/handler.go:90 +0x11
github.com/lambdaxray/lambdaxray.(*handler).Invoke.func1()
	/go/pkg/mod/github.com/lambdaxray/lambdaxray@v1.0.0/handler.go:80 +0x11
panic({0x9d0e40?, 0xc00009c0a0?})
	/usr/local/go/src/runtime/panic.go:792 +0x132
runtime.goPanicIndex(0x5, 0x3)
	/usr/local/go/src/runtime/panic.go:115 +0x74
main.Map[...](...)
	/var/task/map.go:7
main.main.func1()
	/var/task/main.go:12 +0x1d
github.com/lambdaxray/lambdaxray.(*handler).Invoke(0xc000012345, {0x1, 0x2})
	/go/pkg/mod/github.com/lambdaxray/lambdaxray@v1.0.0/handler.go:85 +0x11
`,
		want: []wantException{{frames: []Frame{
			{"/var/task/map.go", "main.Map[...]", 7},
			{"/var/task/main.go", "main.main.func1", 12},
			{"/go/pkg/mod/github.com/lambdaxray/lambdaxray@v1.0.0/handler.go", "github.com/lambdaxray/lambdaxray.(*handler).Invoke", 85},
		}}},
	},
	{
		name: "cut in an argument list",
		text: "goroutine 1 [running]:\nmain.a(0x1)\n\t/a.go:1 +0x1\nmain.(*T).b(0xc000",
		want: []wantException{{frames: []Frame{{"/a.go", "main.a", 1}}}},
	},
	{
		name: "cut in a path",
		text: "goroutine 1 [running]:\nmain.a(0x1)\n\t/a.go:1 +0x1\nmain.b()\n\t/usr/lo",
		want: []wantException{{frames: []Frame{{"/a.go", "main.a", 1}, {"", "main.b", 0}}}},
	},
	{
		name: "elided frames",
		text: "goroutine 1 [running]:\nmain.a(0x1)\n\t/a.go:1 +0x1\n...23 frames elided...\nmain.main()\n\t/b.go:2 +0x1\n",
		want: []wantException{{truncated: 23, frames: []Frame{{"/a.go", "main.a", 1}, {"/b.go", "main.main", 2}}}},
	},
	{
		name: "pkg/errors form",
		text: "boom\nmain.f\n\t/x/x.go:12\nmain.main\n\tC:/x/x.go:20\r\n",
		want: []wantException{{frames: []Frame{{"/x/x.go", "main.f", 12}, {"C:/x/x.go", "main.main", 20}}}},
	},
	{
		name: "only the goroutine that failed",
		text: "goroutine 1 [running]:\nmain.a()\n\t/a.go:1 +0x1\n\ngoroutine 2 [select]:\nmain.b()\n\t/b.go:2 +0x1\n",
		want: []wantException{{frames: []Frame{{"/a.go", "main.a", 1}}}},
	},
	{
		name: "causes with and without frames", typ: "*fmt.wrapError", message: "a: b: c",
		text: "goroutine 1 [running]:\nmain.a(0x1)\n\t/a.go:1 +0x1\nCaused by: *main.E: b: c\nmain.b()\n\t/b.go:2\nCaused by: *errors.joinError: c\n\td\n\te:\n\nCaused by: *errors.errorString: d\n",
		want: []wantException{
			{typ: "*fmt.wrapError", message: "a: b: c", cause: true, frames: []Frame{{"/a.go", "main.a", 1}}},
			{typ: "*main.E", message: "b: c", cause: true, frames: []Frame{{"/b.go", "main.b", 2}}},
			{typ: "*errors.joinError", message: "c\n\td\n\te:", cause: true},
			{typ: "*errors.errorString", message: "d"},
		},
	},
	{
		name: "causes alone", typ: "T", message: "m", text: "Caused by: U: n",
		want: []wantException{{typ: "T", message: "m", cause: true}, {typ: "U", message: "n"}},
	},
	{
		name: "odd calls",
		text: "goroutine 1 [running]:\n(x)\n\t/a.go:1\n((x)\n\t/a.go:2\n",
		want: []wantException{{frames: []Frame{{"/a.go", "(x)", 1}, {"/a.go", "(", 2}}}},
	},
	{
		name: "no stack", typ: "T", message: "m", text: "something else\naltogether",
		want: []wantException{{typ: "T", message: "m", text: "something else\naltogether"}},
	},
}

func TestStackGo(t *testing.T) {
	testStack(t, Go, goStacks)
}

func TestIsPanic(t *testing.T) {
	for text, want := range map[string]bool{
		"goroutine 1 [running]:\npanic({0x1, 0x2})\n\t/usr/local/go/src/runtime/panic.go:792\n": true,
		goRecordError:                       false,
		"what follows a\npanic(x) says why": false,
		"":                                  false,
	} {
		if got := IsPanic(text); got != want {
			t.Errorf("IsPanic(%.40q) = %v", text, got)
		}
	}
}
