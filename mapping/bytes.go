package mapping

// byteClass says what a byte may be part of. The texts that are checked before they are
// written need one look into a table for each byte.
type byteClass uint8

const (
	nameByte   byteClass = 1 << iota // X-Ray allows it in a name
	keyByte                          // X-Ray allows it in the key of an annotation
	digitByte                        // 0 to 9
	slashByte                        // of a path, before a query
	secretByte                       // one of them is in every text with a secret
)

var classOf = func() (classes [256]byteClass) {
	add := func(c byteClass, bytes string) {
		for i := range len(bytes) {
			classes[bytes[i]] |= c
		}
	}
	const (
		letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		digits  = "0123456789"
	)
	add(nameByte, letters+digits+" _-./:%&#=+@")
	add(keyByte, letters+digits+"_.")
	add(digitByte, digits)
	add(slashByte, "/")
	// A URL's or a connection string's before a secret, what stands around the key of
	// one or its value, or a space.
	add(secretByte, "@?#=\"' [{")
	return classes
}()

// isOnly reports whether all bytes of a text are of a class.
func isOnly(text string, c byteClass) bool {
	for i := range len(text) {
		if classOf[text[i]]&c == 0 {
			return false
		}
	}
	return true
}

// hasAny reports whether one of the bytes of a text is of one of the classes.
func hasAny(text string, c byteClass) bool {
	for i := range len(text) {
		if classOf[text[i]]&c != 0 {
			return true
		}
	}
	return false
}
