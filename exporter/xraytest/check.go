package xraytest

import (
	"errors"

	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

// CheckDocument returns what [segment.Check] finds as one error, nil if the
// document breaks none of X-Ray's rules.
func CheckDocument(doc []byte) error {
	violations := segment.Check(doc)
	errs := make([]error, len(violations))
	for i, v := range violations {
		errs[i] = v
	}
	return errors.Join(errs...)
}
