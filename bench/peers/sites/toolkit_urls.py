"""Where django-oauth-toolkit answers: as its tutorial has it."""

from django.urls import include, path
from oauth2_provider import urls

urlpatterns = [path("o/", include(urls))]
