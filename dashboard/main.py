"""The script that Streamlit runs for every visit and every change."""

from dashboard.navigation import show

show()
