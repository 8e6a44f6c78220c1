// Package jsonenc writes JSON by appending to a byte slice: values, and members of
// objects. Whoever writes opens and closes objects and lists; the comma before a
// member or an item is found by looking at the last byte, so that nobody keeps a
// "first" flag.
//
// Nothing here allocates but for the growth of dst.
package jsonenc
