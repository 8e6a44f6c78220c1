package exception

import (
	"errors"
	"reflect"
	"runtime"
	"slices"
	"strings"
)

// stackOf returns the stack that err or what it wraps has kept, nil if none has.
func stackOf(err error) []uintptr {
	var st StackTracer
	if errors.As(err, &st) {
		return st.StackTrace()
	}
	var pcs []uintptr
	for err != nil && pcs == nil {
		pcs = pkgErrorsStack(err)
		err = errors.Unwrap(err)
	}
	return pcs
}

// pkgErrorsStack calls StackTrace of an error of github.com/pkg/errors, or one
// like it: it returns a slice of program counters of a type of its own.
func pkgErrorsStack(err error) []uintptr {
	m := reflect.ValueOf(err).MethodByName("StackTrace")
	if !m.IsValid() || m.Type().NumIn() != 0 || m.Type().NumOut() != 1 {
		return nil
	}
	t := m.Type().Out(0)
	if t.Kind() != reflect.Slice || t.Elem().Kind() != reflect.Uintptr {
		return nil
	}
	list := m.Call(nil)[0]
	var pcs []uintptr
	for i := range list.Len() {
		pcs = append(pcs, uintptr(list.Index(i).Uint()))
	}
	return pcs
}

// own are what the names of functions begin with that only pass on.
var own = [...]string{
	"github.com/lambdaxray/lambdaxray/xray.",
	"github.com/lambdaxray/lambdaxray/xray/",
	"github.com/aws/aws-xray-sdk-go/",
}

// outside returns the stack from the function that called package xray on.
func (s *DefaultFormattingStrategy) outside() []uintptr {
	const inside = 16 // frames of package xray at most
	pcs := make([]uintptr, s.FrameCount+inside)
	pcs = pcs[:runtime.Callers(3, pcs)]
	for len(pcs) > 1 { // tests of the package count as callers
		f := runtime.FuncForPC(pcs[0] - 1)
		if f == nil {
			break
		}
		file, _ := f.FileLine(pcs[0] - 1)
		ours := slices.ContainsFunc(own[:], func(p string) bool { return strings.HasPrefix(f.Name(), p) })
		if !ours || strings.HasSuffix(file, "_test.go") {
			break
		}
		pcs = pcs[1:]
	}
	return pcs[:min(len(pcs), s.FrameCount)]
}

func frames(pcs []uintptr) []Stack {
	if len(pcs) == 0 {
		return nil
	}
	var stack []Stack
	list := runtime.CallersFrames(pcs)
	for more := true; more; {
		var f runtime.Frame
		f, more = list.Next()
		if f.Function != "" || f.File != "" {
			stack = append(stack, frameOf(f))
		}
	}
	return stack
}

// frameOf writes a frame as X-Ray's SDK does: the path from the package on, the
// label without the package.
//
//	/home/user/src/example.com/shop/price.go  example.com/shop.(*list).find
//	example.com/shop/price.go                 (*list).find
func frameOf(f runtime.Frame) Stack {
	path, label := f.File, f.Function
	i := len(path)
	for range strings.Count(label, "/") + 2 {
		if i = strings.LastIndexByte(path[:i], '/'); i < 0 {
			break
		}
	}
	label = label[strings.LastIndexByte(label, '/')+1:]
	_, after, ok := strings.Cut(label, ".")
	if ok {
		label = after
	}
	return Stack{Path: path[i+1:], Line: f.Line, Label: label}
}
