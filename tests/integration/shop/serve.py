"""Serve the shop on loopback: `python serve.py FOLDER NOW`, where NOW is the ISO instant it is stocked until.

The first line of output says where: {"url": …}. Each further line of input is one order, {"do": NAME, …}, and is
answered by one line of output. It ends when its input ends.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from datetime import datetime
from typing import Any

if __name__ == "__main__":
    os.environ["SHOP_FOLDER"] = sys.argv[1]
    os.environ["DJANGO_SETTINGS_MODULE"] = "shop_settings"

import django

django.setup()

from django.apps import apps  # noqa: E402 - models can be imported from here on
from django.contrib.sites.models import Site  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import connection  # noqa: E402
from oscar.core.compat import get_user_model  # noqa: E402
from oscar.core.loading import get_model  # noqa: E402
from shop_stock import BEDROOM, PEOPLE, lines, titles  # noqa: E402

Product, ProductClass = get_model("catalogue", "Product"), get_model("catalogue", "ProductClass")
Category, ProductReview = get_model("catalogue", "Category"), get_model("reviews", "ProductReview")


class Handler(WSGIRequestHandler):
    """Django's own, writing no log."""

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


def make_tables() -> None:
    """Make the tables as the models stand: a hundred migrations of an empty database prove nothing here."""
    with connection.schema_editor() as editor:
        for model in apps.get_models():
            if model._meta.managed and not model._meta.proxy:
                editor.create_model(model)
    Site.objects.create(id=1, domain="127.0.0.1", name="shop")


def stock(until: datetime) -> None:
    """Put products, people and reviews into the shop."""
    ProductClass.objects.create(name="Home", requires_shipping=False, track_stock=False)
    for name in ("Kitchen", "Bedroom"):
        Category.objects.add_root({"name": name})
    for title in titles():
        add_product(title=title, category="Bedroom" if title in BEDROOM else "Kitchen")
    users = get_user_model()
    people = [
        users.objects.create(username=f"u{place}", email=f"u{place}@example.com", first_name=first, last_name=last)
        for place, (first, last) in enumerate(PEOPLE)
    ]
    products = {product.title: product for product in Product.objects.all()}
    for line in lines(until):
        user = None if line.person is None else people[line.person]
        _write(products[line.product], user, line.title, line.body, line.score, line.name, line.at)
    for product in products.values():
        Product.objects.filter(pk=product.pk).update(rating=product.calculate_rating())


def _write(product: Any, user: Any, title: str, body: str, score: int, name: str, at: datetime) -> int:
    values = {"product": product, "user": user, "title": title, "body": body, "score": score, "name": name}
    (review,) = ProductReview.objects.bulk_create([ProductReview(**values, email="" if user else "x@example.com")])
    ProductReview.objects.filter(pk=review.pk).update(date_created=at)  # Oscar dates them itself
    return int(review.pk)


def add_product(*, title: str, category: str) -> dict[str, Any]:
    """Add a product without reviews."""
    product = Product.objects.create(
        title=title, product_class=ProductClass.objects.get(), description=f"<b>{title}</b>"
    )
    product.categories.add(Category.objects.get(name=category))
    return {"id": product.pk, "path": product.get_absolute_url()}


def add_review(*, product: str, title: str, body: str, score: int, name: str, at: str) -> dict[str, Any]:
    """Add a passer-by's review."""
    on = Product.objects.get(title=product)
    key = _write(on, None, title, body, score, name, datetime.fromisoformat(at))
    on.update_rating()
    return {"id": key}


def edit_review(*, key: int, **changes: Any) -> dict[str, Any]:
    """Change a review's title, body or score, as its author or a moderator would."""
    review = ProductReview.objects.get(pk=key)
    for name, value in changes.items():
        setattr(review, name, value)
    review.save()
    return {"id": key}


def delete_review(*, key: int) -> dict[str, Any]:
    """Delete a review."""
    ProductReview.objects.get(pk=key).delete()
    return {"id": key}


def withdraw_product(*, title: str) -> dict[str, Any]:
    """Take a product off sale: its pages are gone, and no list leads to them."""
    product = Product.objects.get(title=title)
    product.is_public = False
    product.save()
    return {"id": product.pk}


def list_reviews() -> dict[str, Any]:
    """Say what the shop's database holds, as far as the shop shows it."""
    reviews = ProductReview.objects.approved().filter(product__is_public=True)
    reviews = reviews.select_related("product", "user").order_by("pk")
    return {"reviews": [_described(review) for review in reviews]}


def _described(review: Any) -> dict[str, Any]:
    fields = {"id": review.pk, "title": review.title, "body": review.body, "score": review.score}
    fields |= {"product": review.product.title, "author": str(review.reviewer_name)}
    return fields | {"at": review.date_created.isoformat(), "path": review.get_absolute_url()}


ORDERS = {
    "add_product": add_product,
    "add_review": add_review,
    "edit_review": edit_review,
    "delete_review": delete_review,
    "withdraw_product": withdraw_product,
    "list_reviews": list_reviews,
}


def tell(answer: dict[str, Any]) -> None:
    """Write one line of output."""
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def main(until: datetime) -> None:
    """Stock the shop, serve it, and follow orders."""
    make_tables()
    stock(until)
    call_command("rebuild_index", interactive=False, verbosity=0)
    server = ThreadedWSGIServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.set_app(get_wsgi_application())
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    tell({"url": f"http://127.0.0.1:{server.server_port}"})
    for line in sys.stdin:
        order = json.loads(line)
        tell(ORDERS[order.pop("do")](**order))


if __name__ == "__main__":
    main(datetime.fromisoformat(sys.argv[2]))
