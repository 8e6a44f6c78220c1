// Package lambda has what the cases use, for the type checker.
package lambda

func Start(handler any)                               {}
func StartWithOptions(handler any, options ...func()) {}
