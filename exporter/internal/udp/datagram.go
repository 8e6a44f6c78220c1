package udp

import (
	"fmt"

	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

// maxDocument is what a datagram carries beside the daemon's header line, in bytes.
const maxDocument = segment.MaxDatagram - len(segment.DatagramHeader)

func checkSize(doc []byte) error {
	if len(doc) > maxDocument {
		return fmt.Errorf("a document of %d bytes does not fit a datagram, which holds %d; lower the mapper's document budget",
			len(doc), maxDocument)
	}
	return nil
}

// datagramBuffer holds one datagram: UDP has no vectored write in net.
type datagramBuffer []byte

func newDatagramBuffer() datagramBuffer { return datagramBuffer(segment.DatagramHeader) }

func (b *datagramBuffer) fill(doc []byte) { *b = append((*b)[:len(segment.DatagramHeader)], doc...) }
