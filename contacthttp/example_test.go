package contacthttp_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/contacthttp"
	"github.com/partner-contacts/contact/contacttest"
)

// one is a store of a single contact.
type one struct{ document []byte }

func (s *one) Load(context.Context, contact.ID) ([]byte, error) { return s.document, nil }

func (s *one) Save(_ context.Context, c contacthttp.Change) error {
	s.document = c.Document // UPDATE … SET document = $1 WHERE id = $2 AND updated_at = c.Seen
	return nil
}

// The whole operation: a store, and what the service knows of tokens.
func Example() {
	store := &one{contacttest.Sample()}
	token := func(r *http.Request) (context.Context, []string, error) {
		return r.Context(), []string{"partner:contacts:*"}, nil
	}

	mux := http.NewServeMux()
	mux.Handle("PATCH /v2/partner/contacts/{id}", &contacthttp.Handler{
		Store:        store, // Load and Save, on your database
		Authenticate: token, // the scopes of the request's token
	})

	for _, accept := range []string{"application/json", "application/problem+json"} {
		r := httptest.NewRequest("PATCH", "/v2/partner/contacts/7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b",
			strings.NewReader(`{"birthdate":"1990-02-30"}`))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Accept", accept)
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		fmt.Println(w.Code, w.Body)
	}
	// Output:
	// 422 {"errors":[{"code":"validation_failed","title":"Invalid format","detail":"Send a day that exists, written YYYY-MM-DD, such as 2000-02-29.","source":{"pointer":"/birthdate"},"meta":{"rule":"date"}}]}
	// 422 {"type":"about:blank","title":"Unprocessable Entity","status":422,"detail":"Send a day that exists, written YYYY-MM-DD, such as 2000-02-29.","errors":[{"code":"validation_failed","title":"Invalid format","detail":"Send a day that exists, written YYYY-MM-DD, such as 2000-02-29.","source":{"pointer":"/birthdate"},"meta":{"rule":"date"}}]}
}
