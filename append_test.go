package contact

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestAppendID writes every byte at every place as google/uuid does.
func TestAppendID(t *testing.T) {
	for place := range 16 {
		for value := range 256 {
			id := ID{0x1f, 0xa9, 0x9a, 0xf0}
			id[place] = byte(value)
			require.Equal(t, "x"+id.String(), string(appendID([]byte("x"), id)))
		}
	}
}

// TestAppendTimestamp writes fractions of every length as package time does.
func TestAppendTimestamp(t *testing.T) {
	for nsec := 1; nsec < 1_000_000_000; nsec = nsec*7 + 1 {
		for cut := 1; cut <= nsec; cut *= 10 {
			at := time.Date(2026, 12, 31, 9, 8, 7, nsec/cut*cut, time.UTC)
			require.Equal(t, at.Format(`"`+time.RFC3339Nano+`"`), string(appendTimestamp(nil, at)))
		}
	}
}
