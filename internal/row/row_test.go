package row

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestName(t *testing.T) {
	assert.Equal(t, "a b", Name("a b"))
	assert.Equal(t, "{}", Name([]byte("{}")))
	assert.Equal(t, "7", Name(7))
	assert.Equal(t, strings.Repeat("x", 60), Name(strings.Repeat("x", 60)))
	assert.Equal(t, strings.Repeat("x", 57)+"...", Name(strings.Repeat("x", 61)))
	assert.Equal(t, "x"+strings.Repeat("é", 28)+"...", Name("x"+strings.Repeat("é", 61)))
}
