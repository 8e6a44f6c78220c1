package stack

import "strings"

// Language is what wrote a stack trace.
type Language uint8

const (
	Unknown Language = iota
	Go
	Java
	Python
	Node
	DotNet
	PHP
	Ruby
	Rust
	Document // of X-Ray, see parseDocument
)

// LanguageOf reads telemetry.sdk.language.
//
// Source: https://opentelemetry.io/docs/specs/semconv/registry/attributes/telemetry/
func LanguageOf(sdkLanguage string) Language {
	switch sdkLanguage {
	case "go":
		return Go
	case "java":
		return Java
	case "python":
		return Python
	case "nodejs", "webjs":
		return Node
	case "dotnet":
		return DotNet
	case "php":
		return PHP
	case "ruby":
		return Ruby
	case "rust":
		return Rust
	}
	return Unknown
}

// sniff recognises a stack trace whose resource does not name a language.
func sniff(text string) Language {
	switch {
	case strings.HasPrefix(text, "goroutine "), strings.Contains(text, "\ngoroutine "):
		return Go
	case strings.Contains(text, "Traceback (most recent call last):"):
		return Python
	case strings.HasPrefix(text, "#0 "), strings.Contains(text, "\n#0 "):
		return PHP
	case strings.Contains(text, ":line ") && (strings.Contains(text, "\tat ") || strings.Contains(text, " at ")):
		return DotNet
	case strings.Contains(text, "\n\tat "):
		return Java
	case strings.Contains(text, "\n    at "):
		return Node
	case strings.HasPrefix(text, "   at "), strings.Contains(text, "\n   at "):
		return DotNet
	case strings.Contains(text, ":in `"), strings.Contains(text, ":in '"):
		return Ruby
	case strings.HasPrefix(text, "   0: "), strings.Contains(text, "\n   0: "):
		return Rust
	case strings.Contains(text, ".go:"):
		return Go
	}
	return Unknown
}
