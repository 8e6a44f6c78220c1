package single

import (
	"testing"

	"github.com/aws/aws-xray-sdk-go/v2/xray"
)

func TestID(t *testing.T) {
	_ = xray.Capture(t.Context(), "test", nil)
	ID(t.Context())
}
