package jsonenc

import "strconv"

// AppendComma appends a comma unless dst ends where a value may start.
func AppendComma(dst []byte) []byte {
	if n := len(dst); n > 0 && !opens(dst[n-1]) {
		return append(dst, ',')
	}
	return dst
}

// opens reports whether a value may follow c without a comma.
func opens(c byte) bool { return c == '{' || c == '[' || c == ':' || c == ',' }

// AppendKey appends a comma where one is needed, and "key":. The key is one of
// ours and needs no escapes; a foreign one is for [AppendForeignKey].
func AppendKey(dst []byte, key string) []byte {
	dst = append(AppendComma(dst), '"')
	return append(append(dst, key...), '"', ':')
}

// AppendForeignKey is [AppendKey] for any text.
func AppendForeignKey(dst []byte, key string) []byte {
	return append(AppendString(AppendComma(dst), key), ':')
}

// AppendStringMember appends the member "key":"value".
func AppendStringMember(dst []byte, key, value string) []byte {
	return AppendString(AppendKey(dst, key), value)
}

// AppendIntMember appends the member "key":n.
func AppendIntMember(dst []byte, key string, n int64) []byte {
	return strconv.AppendInt(AppendKey(dst, key), n, 10)
}

// Container is an object or a list that is being written as a member.
type Container struct {
	mark, open int // dst's length before the key, and after what opens the value
	end        byte
}

// OpenObject appends "key":{ and returns what closes it.
func OpenObject(dst []byte, key string) ([]byte, Container) {
	mark := len(dst)
	dst = append(AppendKey(dst, key), '{')
	return dst, Container{mark, len(dst), '}'}
}

// OpenList appends "key":[ and returns what closes it.
func OpenList(dst []byte, key string) ([]byte, Container) {
	mark := len(dst)
	dst = append(AppendKey(dst, key), '[')
	return dst, Container{mark, len(dst), ']'}
}

// Close closes the container. Of an empty one nothing is left, not even its key.
func (c Container) Close(dst []byte) []byte {
	if len(dst) == c.open {
		return dst[:c.mark]
	}
	return append(dst, c.end)
}
