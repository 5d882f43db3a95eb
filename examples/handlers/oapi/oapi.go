// Package oapi serves the routes that oapi-codegen makes of the OpenAPI file in package schema.
// go generate writes them to server_gen.go. The library does the update, since a model cannot say
// which members a client sent.
// Duplicates, broken UTF-8, unknown names and the digits of numbers are gone once a body is in a struct.
package oapi

import (
	"bytes"
	"encoding/json"
	"net/http"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/contacthttp"
)

// Server is a ServerInterface, the generated one.
type Server struct {
	Update *contacthttp.Handler
	Get    http.HandlerFunc
}

// UpdateContact reads the request by itself: the parameters are copies of its headers.
func (s *Server) UpdateContact(w http.ResponseWriter, r *http.Request, _ string, _ UpdateContactParams) {
	s.Update.ServeHTTP(w, r)
}

// GetContact answers with a document from the store.
func (s *Server) GetContact(w http.ResponseWriter, r *http.Request, _ string, _ GetContactParams) {
	s.Get(w, r)
}

// Routes are the generated ones. What the generated code finds wrong with a header, the library says
// of the request, in the API's envelope.
func (s *Server) Routes() http.Handler {
	return HandlerWithOptions(s, StdHTTPServerOptions{
		ErrorHandlerFunc: func(w http.ResponseWriter, r *http.Request, _ error) {
			if r.Method == http.MethodPatch {
				s.Update.ServeHTTP(w, r)
			} else {
				s.Get(w, r)
			}
		},
	})
}

// Model makes the generated model of a contact, for what else of a program works with models. Numbers in
// MetaPublic are json.Number, which keeps their digits.
func Model(c *contact.Contact) (model Contact, err error) {
	d := json.NewDecoder(bytes.NewReader(c.AppendJSON(nil)))
	d.UseNumber()
	err = d.Decode(&model)
	return model, err
}

// Patch makes a patch of a generated model, as a client fills one in: what is not specified is not in
// the patch, and null clears. The error is a contact.Errors, or that of json.Marshal.
func Patch(model ContactPatch) (*contact.Patch, error) {
	body, err := json.Marshal(model)
	if err != nil {
		return nil, err
	}
	return contact.ParsePatch(body)
}
