package segment

// Limits of a document and of what carries it. Lengths of strings are in
// characters, not bytes.
const (
	MaxDocument      = 64 << 10 // bytes of a document
	MaxName          = 200      // characters of a name
	MaxString        = 250      // characters of most strings
	MaxAnnotation    = 1000     // characters of an annotation's value
	MaxAnnotationKey = 500      // characters of an annotation's key
	MaxAnnotations   = 50       // annotations of a trace that are indexed
	MaxLinks         = 20       // links of a segment

	// DatagramHeader is the line before the document in every datagram to the
	// X-Ray daemon.
	DatagramHeader = `{"format":"json","version":1}` + "\n"

	// MaxDatagram is how many bytes header and document may have together: what a
	// UDP datagram over IPv4 holds.
	MaxDatagram = 65507

	// MaxTime is the year 5000 in seconds since 1970. A time beyond it was given in
	// another unit.
	MaxTime = 95617584000
)
