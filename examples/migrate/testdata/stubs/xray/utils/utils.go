// Package utils has what the cases use, for the type checker.
package utils

type DefaultClock struct{}
