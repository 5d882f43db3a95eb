package contacttest_test

import (
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/contacttest"
)

// contacts is a service that has them in memory.
type contacts struct {
	sync.Mutex
	byID map[contact.ID]*contact.Contact
}

// ServeHTTP answers PATCH /v2/partner/contacts/{id}.
func (s *contacts) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// One byte over the library's limit is enough for it to refuse the body.
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20+1))
	if err != nil {
		w.WriteHeader(http.StatusBadRequest) // the client has gone, as a rule
		return
	}
	header := func(name string) string { return strings.Join(r.Header.Values(name), ", ") }
	merged, err := s.update(contact.UpdateRequest{
		PathID:            r.PathValue("id"),
		Scopes:            strings.Fields(header("X-Scopes")), // of the token, from your authentication
		ContentType:       header("Content-Type"),
		ContentEncoding:   header("Content-Encoding"),
		IdempotencyKey:    header("Idempotency-Key"), // judged here; to replay by it is the store's
		IfMatch:           header("If-Match"),
		IfNoneMatch:       header("If-None-Match"),
		IfUnmodifiedSince: header("If-Unmodified-Since"),
		Body:              body,
	})
	w.Header().Set("Content-Type", "application/json")
	var errs contact.Errors
	switch {
	case err == nil:
		w.Header().Set("ETag", contact.ETag(merged.UpdatedAt))
		w.Write(merged.AppendJSON(nil))
	case errors.As(err, &errs):
		w.WriteHeader(errs.Status())
		w.Write(errs.AppendJSON(nil))
	default: // the service's own fault: log it
		w.WriteHeader(http.StatusInternalServerError)
	}
}

// update loads, merges and saves. A database does that in one transaction.
func (s *contacts) update(req contact.UpdateRequest) (*contact.Contact, error) {
	u, err := contact.ParseUpdate(req)
	if err != nil {
		return nil, err
	}
	s.Lock()
	defer s.Unlock()
	stored := s.byID[u.ID]
	if stored == nil {
		return nil, contact.Errors{contact.NewServiceError(http.StatusNotFound, "not_found",
			"Contact not found", "Send the id of a contact that is there.")}
	}
	merged, changed, err := contact.Merge(stored, u.Patch, time.Now())
	if err != nil {
		return nil, err
	}
	if err := u.Condition.Check(stored.UpdatedAt); err != nil {
		return nil, err
	}
	if changed != 0 {
		s.byID[u.ID] = merged
	}
	return merged, nil
}

func TestContacts(t *testing.T) {
	s := &contacts{byID: map[contact.ID]*contact.Contact{}}
	mux := http.NewServeMux()
	mux.Handle("PATCH /v2/partner/contacts/{id}", s)
	contacttest.TestHandler(t, contacttest.Target{
		Handler:  mux,
		Versions: true, // ETag and If-Match
		Put: func(c *contact.Contact) (*contact.Contact, error) {
			s.byID[c.ID] = c
			return c, nil
		},
		Authorize: func(r *http.Request, scopes ...string) {
			r.Header.Set("X-Scopes", strings.Join(scopes, " "))
		},
	})
}

// TestPage: the page in docs shows this very file, and nothing else has to be written.
func TestPage(t *testing.T) {
	source, err := os.ReadFile("handler_test.go")
	require.NoError(t, err)
	text := string(source)
	code := text[strings.Index(text, "// contacts is a service"):strings.Index(text, "// TestPage:")]
	page, err := os.ReadFile("../docs/handlers.md")
	require.NoError(t, err)
	for _, part := range strings.Split(strings.TrimSpace(code), "\n\nfunc TestContacts") {
		require.Contains(t, string(page), part)
	}
}
