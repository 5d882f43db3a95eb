package contracttest

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/contacttest"
	"github.com/partner-contacts/contact/internal/singles"
)

// TestEngines holds the fast engine to the reference engine where no fuzzing is needed to get:
// every field with every value on the edge of a format, and what the generator makes of bytes that
// are the same in every run.
func TestEngines(t *testing.T) {
	t.Parallel()
	n, every := 0, 1
	if testing.Short() {
		every = 17
	}
	for body := range singles.All() {
		if n%every == 0 {
			compareEngines(t, body)
		}
		n++
	}
	if n < 5000 {
		t.Errorf("%d bodies, want all fields with all values", n)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range rounds(1000) {
		data := make([]byte, random.IntN(60))
		for i := range data {
			data[i] = byte(random.Uint32())
		}
		compareEngines(t, contacttest.FromBytes(data).Body())
	}
}

// TestEveryByte changes, leaves out, adds and cuts off at every byte of a body, the way it usually
// comes over the wire and with white space: what is JSON no more is a fault of the text, and on all
// else the engines agree. It takes every third byte, every byte with CONTACT_EXHAUSTIVE set, and a
// few with -short.
func TestEveryByte(t *testing.T) {
	t.Parallel()
	indented := new(bytes.Buffer)
	if err := json.Indent(indented, []byte(ShortDocument), "", " "); err != nil {
		t.Fatal(err)
	}
	for body, others := range map[string]string{ShortDocument: ",:;\"\\]}1 \x00", indented.String(): ",\"x"} {
		judge := func(text string) {
			if json.Valid([]byte(text)) {
				compareEngines(t, []byte(text))
			} else if errs := errorsOf(t, contact.CheckPatch([]byte(text))); errs[0].Code != "malformed_json" {
				t.Errorf("%s: %v", text, errs)
			}
		}
		step := 3
		if testing.Short() {
			step = 61
		}
		if os.Getenv("CONTACT_EXHAUSTIVE") != "" {
			step = 1
		}
		for i := 0; i < len(body); i += step {
			judge(body[:i])
			judge(body[:i] + body[i+1:])
			for _, c := range others {
				judge(body[:i] + string(c) + body[i+1:])
				judge(body[:i] + string(c) + body[i:])
			}
		}
	}
}
