// Package handlers serves updates of contacts with six frameworks. Each takes the handler of package
// contacthttp as it is; the test holds all of them to the contract.
package handlers

import (
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	"github.com/labstack/echo/v4"

	"github.com/partner-contacts/contact/contacthttp"
	"github.com/partner-contacts/contact/schema"
)

const path = "/v2/partner/contacts/"

// Standard is net/http.
func Standard(h *contacthttp.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle(path+"{id}", h)
	return mux
}

// Chi is github.com/go-chi/chi.
func Chi(h *contacthttp.Handler) http.Handler {
	r := chi.NewRouter()
	r.Handle(path+"{id}", h)
	return r
}

// Echo is github.com/labstack/echo.
func Echo(h *contacthttp.Handler) http.Handler {
	e := echo.New()
	e.Any(path+":id", echo.WrapHandler(h))
	return e
}

// Gin is github.com/gin-gonic/gin.
func Gin(h *contacthttp.Handler) http.Handler {
	gin.SetMode(gin.ReleaseMode)
	r := gin.New()
	r.Any(path+":id", gin.WrapH(h))
	return r
}

// Huma is github.com/danielgtaylor/huma. Its own decoding would read a body into Go values, in which
// null and absent are the same: the operation is described to it, by the contract's own schemas, which
// the service serves beside it, and answered by the handler.
func Huma(h *contacthttp.Handler) http.Handler {
	mux := http.NewServeMux()
	api := humago.New(mux, huma.DefaultConfig("Contacts", "2"))
	mux.Handle("GET /schema/", http.StripPrefix("/schema/", http.FileServerFS(schema.FS)))
	of := func(name string) *huma.MediaType {
		return &huma.MediaType{Schema: &huma.Schema{Ref: "/schema/" + name + ".schema.json"}}
	}
	op := &huma.Operation{
		OperationID: "updateContact", Method: http.MethodPatch, Path: path + "{id}", Tags: []string{"Audience"},
		Parameters:  []*huma.Param{{Name: "id", In: "path", Required: true, Schema: &huma.Schema{Type: "string", Format: "uuid"}}},
		RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/merge-patch+json": of("contact-patch")}},
		Responses: map[string]*huma.Response{
			"200":     {Description: "The contact after the update", Content: map[string]*huma.MediaType{"application/json": of("contact")}},
			"default": {Description: "What is wrong", Content: map[string]*huma.MediaType{"application/json": of("errors")}},
		},
	}
	api.OpenAPI().AddOperation(op)
	api.Adapter().Handle(op, func(ctx huma.Context) {
		r, w := humago.Unwrap(ctx)
		h.ServeHTTP(w, r)
	})
	return mux
}
