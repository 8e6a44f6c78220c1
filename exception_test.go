package lambdaxray

import (
	"strings"
	"testing"
)

func TestTrimStack(t *testing.T) {
	const (
		head   = "goroutine 1 [running]:\n"
		above  = "runtime/debug.Stack()\n\t/go/debug/stack.go:26 +0x5e\n" + packagePath + ".recordPanic(...)\n\t/x/exception.go:1\n"
		panics = "panic({0x1, 0x2})\n\t/go/runtime/panic.go:1\n"
		again  = packagePath + ".capture.func1()\n\t/x/capture.go:30\n"
		end    = "go.opentelemetry.io/otel/sdk/trace.(*recordingSpan).End.deferwrap1()\n\t/x/span.go:425\ngo.opentelemetry.io/otel/sdk/trace.(*recordingSpan).End(0x1)\n\t/x/span.go:476\n"
		fault  = "runtime.panicmem(...)\n\t/go/runtime/panic.go:2\nruntime.sigpanic()\n\t/go/runtime/signal.go:3\n"
		user   = "main.price(0x1)\n\t/src/main.go:12 +0x1\nmain.handler({0x1})\n\t/src/main.go:7\n"
		inside = "main.price(0x1)\n\t/src/main.go:12 +0x1\n" + packagePath + ".Capture({0x1})\n\t/x/capture.go:9\nmain.handler({0x1})\n\t/src/main.go:7\n"
		call   = "reflect.Value.call({0x1})\n\t/go/reflect/value.go:1\nreflect.Value.Call({0x2})\n\t/go/reflect/value.go:2\n"
		lambda = "github.com/aws/aws-lambda-go/lambda.reflectHandler.func2()\n\t/x/handler.go:1\nmain.main()\n\t/src/main.go:1\n"
		stream = packagePath + ".(*function).call(0x1)\n\t/x/stream.go:1\n"
		bytes  = packagePath + ".(*bufferedHandler).Invoke(0x1)\n\t/x/handler.go:1\n"
		using  = "reflect.Value.call({0x1})\n\t/go/reflect/value.go:1\nmain.handler({0x1})\n\t/src/main.go:7\n"
	)
	for name, c := range map[string][2]string{
		"a function":             {head + above + panics + user + call + lambda, head + user},
		"a streaming function":   {head + above + panics + user + call + stream + call + lambda, head + user},
		"a lambda.Handler":       {head + above + panics + user + bytes + lambda, head + user},
		"a runtime error":        {head + above + panics + fault + user + call + lambda, head + user},
		"through Capture":        {head + above + panics + again + panics + inside + call + lambda, head + inside},
		"through Capture, twice": {head + above + panics + again + panics + again + panics + fault + inside + call + lambda, head + inside},
		"through a deferred End": {head + above + panics + end + panics + again + panics + inside + call + lambda, head + inside},
		"in the SDK":             {head + above + panics + end + user + call + lambda, head + end + user},
		"a handler on reflect":   {head + above + panics + using + call + lambda, head + using},
		"outside a function":     {head + above + panics + user, head + user},
		"no panic":               {head + user, head + user},
		"nothing":                {"", "\n"},
	} {
		if got := string(trimStack([]byte(c[0]))); got != c[1] {
			t.Errorf("%s:\n%s\nwant:\n%s", name, got, c[1])
		}
	}
}

func FuzzAppendVerboseStack(f *testing.F) {
	f.Add("no price\nmain.price\n\t/src/price.go:12\nmain.main\n\t/src/main.go:7")
	f.Add("\n\t\n\t")
	f.Add("a\n\tb\n\n\tc")
	f.Fuzz(func(t *testing.T, verbose string) {
		text, ok := appendVerboseStack(nil, verbose)
		if lines := strings.Count(string(text), "\n"); ok != (len(text) > 0) || lines%2 != 0 {
			t.Errorf("%t, %d lines: %q", ok, lines, text)
		}
	})
}
