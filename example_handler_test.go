package contact_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/partner-contacts/contact"
)

// A store stands for the service's database.
type store struct {
	sync.Mutex
	contacts map[contact.ID]*contact.Contact
}

// ServeHTTP is the whole operation: PATCH /v2/partner/contacts/{id}.
func (s *store) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// One byte over the library's limit is enough for it to refuse the body.
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20+1))
	if err != nil {
		w.WriteHeader(http.StatusBadRequest) // the client has gone, as a rule
		return
	}
	update, err := contact.ParseUpdate(contact.UpdateRequest{
		PathID:            r.PathValue("id"),
		Scopes:            strings.Fields(r.Header.Get("X-Scopes")), // what the authentication found out
		ContentType:       header(r, "Content-Type"),
		ContentEncoding:   header(r, "Content-Encoding"),
		IdempotencyKey:    header(r, "Idempotency-Key"),
		IfMatch:           header(r, "If-Match"),
		IfNoneMatch:       header(r, "If-None-Match"),
		IfUnmodifiedSince: header(r, "If-Unmodified-Since"),
		Body:              body,
	})
	if err != nil {
		refuse(w, err)
		return
	}
	s.Lock()
	defer s.Unlock()
	existing, ok := s.contacts[update.ID]
	if !ok {
		http.NotFound(w, r)
		return
	}
	merged, changed, err := contact.Merge(existing, update.Patch, time.Now())
	if err == nil {
		err = update.Condition.Check(existing.UpdatedAt)
	}
	if err != nil {
		refuse(w, err)
		return
	}
	if changed != 0 {
		s.contacts[update.ID] = merged
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("ETag", contact.ETag(merged.UpdatedAt))
	w.Write(merged.AppendJSON(nil))
}

// header is a header field's value, whose lines net/http does not join.
func header(r *http.Request, name string) string {
	return strings.Join(r.Header.Values(name), ", ")
}

// refuse answers with what is wrong. An error that is no Errors is the service's own fault.
func refuse(w http.ResponseWriter, err error) {
	var errs contact.Errors
	if !errors.As(err, &errs) {
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(errs.Status())
	w.Write(errs.AppendJSON(nil))
}

// A handler: read the request, load the contact, merge, save it if anything changed, answer.
func ExampleParseUpdate() {
	body, err := os.ReadFile("testdata/contact.json")
	if err != nil {
		fmt.Println(err)
		return
	}
	stored, err := contact.ParseStored(body)
	if err != nil {
		fmt.Println(err)
		return
	}
	mux := http.NewServeMux()
	mux.Handle("PATCH /v2/partner/contacts/{id}", &store{contacts: map[contact.ID]*contact.Contact{stored.ID: stored}})

	send := func(scope, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("PATCH", "/v2/partner/contacts/"+stored.ID.String(), strings.NewReader(body))
		r.Header.Set("X-Scopes", scope)
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		return w
	}

	w := send("partner:contacts:*", `{"city": "Oak Park", "phone_home": null, "meta_public": {"score": 13}}`)
	var after contact.Contact
	if err := json.Unmarshal(w.Body.Bytes(), &after); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(w.Code, *after.City, after.PhoneHome == nil, after.MetaPublic)

	for _, w := range []*httptest.ResponseRecorder{
		send("partner:contacts:read", `{}`),
		send(contact.ScopeUpdate, `{"city": "Oak Park"`),
		send(contact.ScopeUpdate, `{"birthdate": "1990-02-30", "sms_opted_in": "yes"}`),
		send(contact.ScopeUpdate, `{"updated_at": "2026-05-17T08:02:45.120004Z", "city": "Cicero"}`),
	} {
		var envelope struct {
			Errors []struct {
				Code   contact.Code
				Source struct{ Pointer string }
				Meta   struct{ Rule contact.Rule }
			}
		}
		if err := json.Unmarshal(w.Body.Bytes(), &envelope); err != nil {
			fmt.Println(err)
			return
		}
		for _, e := range envelope.Errors {
			fmt.Printf("%d %s %s %q\n", w.Code, e.Code, e.Meta.Rule, e.Source.Pointer)
		}
	}
	// Output:
	// 200 Oak Park true {"source":"spring-2026","score":13,"ledger":9007199254740993,"prefs":{"language":"es","channels":["sms","email"]}}
	// 401 scope_missing scope ""
	// 400 malformed_json syntax ""
	// 422 validation_failed date "/birthdate"
	// 422 validation_failed type "/sms_opted_in"
	// 409 stale_update stale "/updated_at"
}

// A service that keeps documents reads the request once, and merges it into the stored text.
func ExampleUpdate_AppendMerge() {
	update, err := contact.ParseUpdate(contact.UpdateRequest{
		PathID: "7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b", Scopes: []string{contact.ScopeUpdate},
		ContentType: "application/json", Body: []byte(`{"city":"Oslo"}`),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	stored := []byte(`{"updated_at":"2026-05-17T08:02:45Z","city":"Bergen"}`)
	var merged contact.MergedDocument
	merged, err = update.AppendMerge(nil, stored, time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC))
	fmt.Println(string(merged.Document), err)
	fmt.Println(merged.Changed, merged.Version.After(merged.Previous))
	// Output:
	// {"updated_at":"2026-06-01T00:00:00Z","city":"Oslo"} <nil>
	// city,updated_at true
}
