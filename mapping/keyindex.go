package mapping

import "encoding/binary"

// keyIndex finds a key in attributeTable: open addressing over a hash of the
// key's length, first and last eight bytes. A Go map, which hashes and compares
// every byte, makes the mapping of the six-span trace 7 % slower.
const _ = uint8(len(attributeTable)) // keyIndex has room for its indexes, and 0 for none

var (
	keyIndex [1024]uint8                  // 1 + index into attributeTable; 0: free
	keyWords [len(attributeTable)]keyWord // of its keys
)

func init() {
	for i := range attributeTable {
		keyWords[i] = wordOf(attributeTable[i].key)
		h := keyWords[i].hash()
		for keyIndex[h] != 0 {
			h = (h + 1) % uint32(len(keyIndex))
		}
		keyIndex[h] = uint8(i + 1)
	}
}

// keyWord is the length of a key, and its first and last eight bytes: all of it,
// up to 16 bytes.
type keyWord struct {
	size        int
	first, last uint64
}

func wordOf(key string) keyWord {
	n := len(key)
	if n >= 8 {
		return keyWord{size: n, first: word(key[:8]), last: word(key[n-8:])}
	}
	var v uint64
	for i := range n {
		v = v<<8 | uint64(key[i])
	}
	return keyWord{size: n, last: v}
}

func word(eight string) uint64 { return binary.LittleEndian.Uint64([]byte(eight)) }

// hash returns a place in keyIndex.
func (w keyWord) hash() uint32 {
	return uint32((w.last ^ w.first<<7 ^ uint64(w.size)<<56) * 0x9e3779b97f4a7c15 >> 54)
}

// tableIndex returns the index of key in attributeTable, or -1.
func tableIndex(key string) int {
	w := wordOf(key)
	h := w.hash()
	for {
		i := int(keyIndex[h]) - 1
		if i < 0 {
			return -1
		}
		k := &keyWords[i]
		if k.last == w.last && k.first == w.first && k.size == w.size &&
			(w.size <= 16 || attributeTable[i].key[8:w.size-8] == key[8:w.size-8]) {
			return i
		}
		h = (h + 1) % uint32(len(keyIndex))
	}
}
