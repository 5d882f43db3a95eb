package main

import (
	"log/slog"
	"net/http"
)

func formFiles(log *slog.Logger) map[string]func(http.ResponseWriter, *http.Request) error {
	return nil
}
