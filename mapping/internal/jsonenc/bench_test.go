package jsonenc

import (
	"strconv"
	"strings"
	"testing"
)

// The peer of each is what the standard library has for it.
func BenchmarkAppendSeconds(b *testing.B) {
	const ns = int64(1793534400123456789)
	dst := make([]byte, 0, 64)
	b.Run("impl=jsonenc", func(b *testing.B) {
		for b.Loop() {
			dst = AppendSeconds(dst[:0], ns)
		}
	})
	b.Run("impl=strconv", func(b *testing.B) {
		for b.Loop() {
			dst = strconv.AppendInt(dst[:0], ns/1e9, 10)
			dst = strconv.AppendInt(append(dst, '.'), 1e9+ns%1e9, 10)
		}
	})
}

func BenchmarkAppendString(b *testing.B) {
	for name, s := range map[string]string{
		"short": "GetItem", "url": "https://prices.example.com/v1/prices/4711", "long": strings.Repeat("x", 1000), "escaped": `a "quoted" text of some length`,
	} {
		dst := make([]byte, 0, 2048)
		b.Run("text="+name+"/impl=jsonenc", func(b *testing.B) {
			for b.Loop() {
				dst = AppendString(dst[:0], s)
			}
		})
		b.Run("text="+name+"/impl=strconv", func(b *testing.B) {
			for b.Loop() {
				dst = strconv.AppendQuote(dst[:0], s)
			}
		})
	}
}
